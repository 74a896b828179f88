import { assertEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import { resolveStreamOptions } from "../../../src/core/options/stream_options.ts";
import { nativeTls, type TlsOptions } from "../../../src/core/options/tls_options.ts";

const native = (tls?: TlsOptions) => nativeTls(resolveStreamOptions({ tls }).tls);

test("certificates are verified unless the program says otherwise", () => {
  assertEquals(native(), { tls_verify: "1" });
  assertEquals(native({ verify: false }), { tls_verify: "0" });
});

test("options of TLS have libav's names", () => {
  const tls = { caFile: "ca.pem", certFile: "c.pem", keyFile: "k.pem", serverName: "camera" };
  assertEquals(native(tls), {
    tls_verify: "1",
    ca_file: "ca.pem",
    cert_file: "c.pem",
    key_file: "k.pem",
    verifyhost: "camera",
  });
});

test("a misspelt option of TLS is answered with the one that was meant", () => {
  const options = { tls: { cafile: "ca.pem" } } as unknown as { tls: TlsOptions };
  assertThrows(() => resolveStreamOptions(options), TypeError, 'did you mean "caFile"?');
});
