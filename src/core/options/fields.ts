/**
 * Options as data: a table has each option once, with its check and its default.
 * The resolved options, their values and their types, follow from that table.
 *
 * @module
 */

import type { Logger } from "../connection/logger.ts";
import {
  checkBoolean,
  checkFunction,
  checkLogger,
  checkNames,
  checkNumber,
  checkOneOf,
  checkSecret,
  checkSignal,
  checkString,
  checkTime,
  checkTimes,
  type NumberRule,
} from "./validate.ts";

/** Checks the value of one option; what it returns for `undefined` is the default. */
export type Field<T> = (name: string, value: unknown) => T;

/** The options of an object, by name. */
export type Fields = Readonly<Record<string, Field<unknown>>>;

/** The checked options, with their defaults filled in. */
export type Resolved<F extends Fields> = { readonly [K in keyof F]: ReturnType<F[K]> };

/** A field for every option of `T`, which gives a value of that option's type. */
export type FieldsOf<T> = { readonly [K in keyof T]-?: Field<T[K] | undefined> };

export const text: Field<string | undefined> = checkString;
/** A text that no message shows. */
export const secret: Field<string | undefined> = checkSecret;
export const abortSignal: Field<AbortSignal | undefined> = checkSignal;
export const logger: Field<Logger | undefined> = checkLogger;

export function flag(fallback: boolean): Field<boolean> {
  return (name, value) => checkBoolean(name, value, fallback);
}

export function number<D extends number | undefined>(
  fallback: D,
  rule: NumberRule,
): Field<number | D> {
  return (name, value) => checkNumber(name, value, fallback, rule);
}

/** As `number`, or Infinity. */
export function limit<D extends number | undefined>(
  fallback: D,
  rule: NumberRule,
): Field<number | D> {
  const check = number(fallback, { ...rule, unit: `${rule.unit} (or Infinity)` });
  return (name, value) => value === Infinity ? Infinity : check(name, value);
}

/** Milliseconds. */
export function time(fallback: number, min = 0): Field<number> {
  return (name, value) => checkTime(name, value, fallback, min);
}

/** Milliseconds by name. */
export const times: Field<Readonly<Record<string, number>>> = checkTimes;

export function oneOf<T extends string, D extends T | undefined>(
  allowed: readonly T[],
  fallback: D,
): Field<T | D> {
  return (name, value) => checkOneOf(name, value, fallback, allowed);
}

export function callback<F extends (...args: never[]) => unknown>(): Field<F | undefined> {
  return (name, value) => checkFunction(name, value as F | undefined);
}

/** An object with options of its own. */
export function nested<F extends Fields>(fields: F): Field<Resolved<F>> {
  return (name, value) => resolve(name, value, fields);
}

/**
 * Checks an object of options, and freezes what comes of it.
 *
 * @param prefix The name of the object in messages, empty for the outermost one
 * @param renamed New names by the old ones, which are no longer taken
 * @throws {TypeError} An unknown name, or a value of the wrong type
 * @throws {RangeError} A value that is not allowed
 */
export function resolve<F extends Fields>(
  prefix: string,
  value: unknown,
  fields: F,
  renamed: Readonly<Record<string, string>> = {},
): Resolved<F> {
  const given = checkNames(prefix, value, Object.keys(fields), renamed);
  const entries = Object.entries(fields).map(([name, field]) => [
    name,
    field(prefix ? `${prefix}.${name}` : name, given[name]),
  ]);
  return Object.freeze(Object.fromEntries(entries));
}
