/** Plain answers of web servers. */

import type { Route } from "../../support/wrong_web.ts";

export function answered(status: number, headers: Record<string, string | number> = {}): Route {
  return (exchange) => exchange.head(status, { "Content-Length": 0, ...headers });
}

export function said(body: string | Uint8Array, contentType = "text/html"): Route {
  return async (exchange) => {
    exchange.head(200, { "Content-Type": contentType, "Content-Length": body.length });
    await exchange.write(body);
  };
}
