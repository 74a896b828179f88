/**
 * The name of a session, and how long it lives without a request (RFC 2326, section 12.37).
 *
 * @module
 */

/** Milliseconds where the server names none. */
export const DEFAULT_TIMEOUT = 60_000;

export interface SessionHeader {
  readonly id: string;
  /** Milliseconds. */
  readonly timeout: number;
}

/** @returns undefined where there is no name in it */
export function parseSessionHeader(value: string | undefined): SessionHeader | undefined {
  const [name = "", ...parameters] = (value ?? "").split(";");
  const id = name.trim();
  if (id === "") return undefined;
  const times = parameters.map((one) => /^\s*timeout\s*=\s*"?(\d{1,7})/i.exec(one)?.[1]);
  const seconds = Number(times.find((time) => time !== undefined) ?? 0);
  return { id, timeout: seconds > 0 ? seconds * 1000 : DEFAULT_TIMEOUT };
}
