/**
 * Checks of what users pass, with messages that name option, value and what
 * is allowed.
 *
 * @module
 */

import type { Logger } from "../connection/logger.ts";
import { CONTROL_CHARACTER } from "../connection/url.ts";
import { MAX_TIME } from "../timing/clock.ts";
import { closest } from "./closest.ts";

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null) {
    return Array.isArray(value) ? "an array" : "an object";
  }
  return String(value);
}

/** What stands in the place of an object: a text may be a password, or headers. */
function showInstead(value: unknown): string {
  return typeof value === "string" ? "a string" : show(value);
}

function hint(
  name: string,
  known: readonly string[],
  renamed: Readonly<Record<string, string>>,
): string {
  if (Object.hasOwn(renamed, name)) return `it is called "${renamed[name]}" now`;
  const close = closest(name, known);
  return close ? `did you mean "${close}"?` : `known are ${known.join(", ")}`;
}

/**
 * An object's own options, each of a known name.
 *
 * @param renamed New names by the old ones
 */
export function checkNames(
  prefix: string,
  value: unknown,
  known: readonly string[],
  renamed: Readonly<Record<string, string>> = {},
): Readonly<Record<string, unknown>> {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`${prefix || "options"} must be an object, got ${showInstead(value)}`);
  }
  for (const name of Object.keys(value)) {
    if (known.includes(name)) continue;
    const full = prefix ? `${prefix}.${name}` : name;
    throw new TypeError(`unknown option "${full}"; ${hint(name, known, renamed)}`);
  }
  return value as Record<string, unknown>;
}

export interface NumberRule {
  readonly min: number;
  readonly max: number;
  readonly integer?: boolean | undefined;
  readonly unit?: string | undefined;
}

/** Width or height of a picture. */
export const PICTURE_SIDE: NumberRule = { min: 2, max: 16384, integer: true, unit: "pixels" };

/** A number, undefined for the fallback. */
export function checkNumber<D extends number | undefined>(
  name: string,
  value: unknown,
  fallback: D,
  rule: NumberRule,
): number | D {
  if (value === undefined) return fallback;
  const kind = rule.integer ? "a whole number" : "a number";
  const unit = rule.unit ? ` of ${rule.unit}` : "";
  const allowed = `must be ${kind}${unit} from ${rule.min} to ${rule.max}, got ${show(value)}`;
  if (typeof value !== "number") throw new TypeError(`${name} ${allowed}`);
  const fits = value >= rule.min && value <= rule.max && (!rule.integer || Number.isInteger(value));
  if (!fits) throw new RangeError(`${name} ${allowed}`);
  return value;
}

export function checkTime(name: string, value: unknown, fallback: number, min = 0): number {
  return checkNumber(name, value, fallback, { min, max: MAX_TIME, unit: "milliseconds" });
}

/** As `checkTime`, for ever where nothing is said. */
export function checkTimeLimit(name: string, value: unknown): number {
  return value === undefined || value === Infinity ? Infinity : checkTime(name, value, MAX_TIME);
}

export function checkOneOf<T extends string, D extends T | undefined>(
  name: string,
  value: unknown,
  fallback: D,
  allowed: readonly T[],
): T | D {
  if (value === undefined) return fallback;
  const match = allowed.find((item) => item === value);
  if (match !== undefined) return match;
  const list = allowed.map((item) => JSON.stringify(item)).join(", ");
  const message = `${name} must be one of ${list}, got ${show(value)}`;
  throw typeof value === "string" ? new RangeError(message) : new TypeError(message);
}

export function checkBoolean(name: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (typeof value !== "boolean") {
    throw new TypeError(`${name} must be true or false, got ${show(value)}`);
  }
  return value;
}

export function checkString(name: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string") {
    throw new TypeError(`${name} must be a string, got ${show(value)}`);
  }
  if (CONTROL_CHARACTER.test(value)) {
    throw new TypeError(`${name} must not have control characters`);
  }
  return value;
}

export function checkFunction<F extends (...args: never[]) => unknown>(
  name: string,
  value: F | undefined,
): F | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "function") {
    throw new TypeError(`${name} must be a function, got ${show(value)}`);
  }
  return value;
}

/** Names with string, number or boolean values, as libav's dictionaries take. */
export function checkDictionary(name: string, value: unknown): Readonly<Record<string, string>> {
  if (value === undefined) return Object.freeze({});
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`${name} must be an object of names and values, got ${showInstead(value)}`);
  }
  const entries = Object.entries(value).map(([key, item]): [string, string] => {
    if (typeof item === "boolean") return [key, item ? "1" : "0"];
    if (typeof item === "number" && Number.isFinite(item)) return [key, String(item)];
    if (typeof item === "string") return [key, checkString(`${name}.${key}`, item) ?? ""];
    throw new TypeError(
      `${name}.${key} must be a string, a finite number or a boolean, got ${show(item)}`,
    );
  });
  return Object.freeze(Object.fromEntries(entries));
}

/** Milliseconds by name. */
export function checkTimes(name: string, value: unknown): Readonly<Record<string, number>> {
  if (value === undefined) return Object.freeze({});
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(
      `${name} must be an object of names and milliseconds, got ${showInstead(value)}`,
    );
  }
  const times = Object.entries(value).filter(([, item]) => item !== undefined)
    .map(([key, item]) => [key, checkTime(`${name}.${key}`, item, 0)]);
  return Object.freeze(Object.fromEntries(times));
}

/** As `checkString`, but the value is never shown. */
export function checkSecret(name: string, value: unknown): string | undefined {
  if (value !== undefined && typeof value !== "string") {
    throw new TypeError(`${name} must be a string, got ${typeof value}`);
  }
  return checkString(name, value);
}

export function checkSignal(name: string, value: unknown): AbortSignal | undefined {
  if (value === undefined || value instanceof AbortSignal) return value;
  throw new TypeError(`${name} must be an AbortSignal, got ${typeof value}`);
}

export function checkLogger(name: string, value: unknown): Logger | undefined {
  if (value === undefined) return undefined;
  const logger = value as Partial<Logger> | null;
  for (const level of ["debug", "info", "warn", "error"] as const) {
    if (typeof logger?.[level] !== "function") {
      throw new TypeError(
        `${name} must be an object with the functions debug, info, warn and error; ` +
          `"${level}" is ${typeof logger?.[level]}`,
      );
    }
  }
  return logger as Logger;
}
