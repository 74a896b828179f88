/**
 * Every form in which a program may give a secret, each with one that nothing else has, and
 * all that a program may print of what it gets.
 */

import { inspect } from "node:util";
import type { Logger, NativeOptions } from "../../mod.ts";

export interface SecretForm {
  readonly name: string;
  readonly url: string;
  readonly options?: {
    readonly username?: string;
    readonly password?: string;
    readonly ffmpeg?: NativeOptions;
  } | undefined;
  /** As given, and in other spellings. */
  readonly secrets: readonly string[];
}

/** Of a JSON Web Token: header, payload and signature. */
const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW1lcmEifQ.c2lnbmF0dXJlLW9mLXRva2Vu";

type Row = readonly [name: string, url: string, secret: string, options?: SecretForm["options"]];

/** @param port at which nobody listens */
export function secretForms(port: number): readonly SecretForm[] {
  const at = `127.0.0.1:${port}`;
  const encoded = (text: string) => encodeURIComponent(text);
  const format = (name: string, value: string) => ({ ffmpeg: { format: { [name]: value } } });
  const rows: readonly Row[] = [
    ["user and password", `rtsp://admin:Aa1qwertz@${at}/live`, "Aa1qwertz"],
    ["a password alone", `rtsp://:Ab2qwertz@${at}/live`, "Ab2qwertz"],
    ["an encoded password", `rtsp://admin:${encoded("Ac3/#qw?@")}@${at}/live`, "Ac3/#qw?@"],
    ["a password with @", `rtsp://admin:Ad4@qwertz@${at}/live`, "Ad4@qwertz"],
    ["a password with colons", `rtsp://admin:Ae5:qwertz:x@${at}/live`, "Ae5:qwertz:x"],
    ["a password beyond ASCII", `rtsp://admin:Af6äöü🔑@${at}/live`, "Af6äöü🔑"],
    ["a scheme in capitals", `RTSP://admin:Ag7qwertz@${at}/live`, "Ag7qwertz"],
    ["IPv6", `rtsp://admin:Ah8qwertz@[::1]:${port}/live`, "Ah8qwertz"],
    ["HTTP", `http://admin:Ai9qwertz@${at}/video.mjpg`, "Ai9qwertz"],
    ["RTMP", `rtmp://admin:Aj1qwertz@${at}/live/x`, "Aj1qwertz"],
    ["options", `rtsp://${at}/live`, "Ak2/qw@rtz", { username: "admin", password: "Ak2/qw@rtz" }],
    ["an option, HTTP", `http://${at}/a.jpg`, "Al3qwertz", {
      username: "u",
      password: "Al3qwertz",
    }],
    ["a token in the query", `rtsp://${at}/live?channel=1&token=Ba1qwertz`, "Ba1qwertz"],
    ["a name in capitals", `http://${at}/live?TOKEN=Bb2qwertz`, "Bb2qwertz"],
    ["an encoded name", `rtsp://${at}/live?to%6ben=Bc3qwertz`, "Bc3qwertz"],
    ["an encoded value", `rtsp://${at}/live?pwd=${encoded("Bd4/qw rtz")}`, "Bd4/qw rtz"],
    ["a value without a name", `http://${at}/live?Be5qwertz`, "Be5qwertz"],
    ["a name that nobody knows", `rtsp://${at}/live?x7=Bf6qwertz`, "Bf6qwertz"],
    ["a query divided by semicolons", `http://${at}/live?ch=1;psw=Bg7qwertz;fps=5`, "Bg7qwertz"],
    ["Basic in the query", `http://${at}/live?auth=Basic%20Bh8qwertz`, "Bh8qwertz"],
    ["a URL in the query", `http://${at}/live?src=rtsp://u:Bi9qwertz@cam/x`, "Bi9qwertz"],
    [
      "an encoded URL in the query",
      `http://${at}/live?url=${encoded("rtsp://u:Bj1qwertz@cam/x?channel=1")}`,
      "Bj1qwertz",
    ],
    [
      "a URL that is encoded twice",
      `http://${at}/live?url=${encoded(encoded("rtsp://u:Bk2qwertz@cam/x"))}`,
      "Bk2qwertz",
    ],
    ["a URL in the path", `http://${at}/proxy/rtsp://u:Bl3qwertz@cam/x`, "Bl3qwertz"],
    [
      "a URL in the query of a harmless name",
      `http://${at}/live?stream=${encoded("rtsp://u:Bm4qwertz@cam/x")}`,
      "Bm4qwertz",
    ],
    ["a fragment", `rtsp://${at}/live#Ca1qwertz`, "Ca1qwertz"],
    ["a token in a fragment", `http://${at}/live?channel=1#access_token=Cb2qwertz`, "Cb2qwertz"],
    ["Vstarcam", `http://${at}/videostream.cgi?loginuse=a&loginpas=Da1qwertz`, "Da1qwertz"],
    ["Foscam", `http://${at}/CGIStream.cgi?cmd=GetMJStream&usr=a&pwd=Db2qwertz`, "Db2qwertz"],
    ["XM", `rtsp://${at}/user=admin_password=Dc3qwertz_channel=1_stream=0.sdp`, "Dc3qwertz"],
    ["Dahua", `rtsp://${at}/cam/realmonitor?channel=1&subtype=0&password=Dd4qwertz`, "Dd4qwertz"],
    ["without a question mark", `rtsp://${at}/11&user=admin&password=De5qwertz`, "De5qwertz"],
    ["a parameter of a path", `http://${at}/live;jsessionid=Df6qwertz/x.mjpg`, "Df6qwertz"],
    ["Nest", `rtsps://${at}/sdm_live_stream/Dg7qwertz?auth=Dg7qwertz`, "Dg7qwertz"],
    ["a segment that is called a token", `http://${at}/token/Dh8qwertz/live.m3u8`, "Dh8qwertz"],
    ["a token of JSON in the path", `http://${at}/live/${JWT}/index.m3u8`, JWT],
    ["UniFi Protect", "rtsp://127.0.0.1:7447/Di9qwertzUIOP123", "Di9qwertzUIOP123"],
    ["a stream key", `rtmp://${at}/live2/Ea1q-wert-zuio`, "Ea1q-wert-zuio"],
    ["a stream key of rtmps", `rtmps://${at}/app/live_1_Eb2qwertz`, "live_1_Eb2qwertz"],
    ["a stream key in the query", `rtmp://${at}/live/cam?key=Ec3qwertz`, "Ec3qwertz"],
    ["playpath in the query", `rtmp://${at}/live?playpath=Ed4qwertz`, "Ed4qwertz"],
    ["RTMP with pass", `rtmp://${at}/live/x?user=a&pass=Ee5qwertz`, "Ee5qwertz"],
    ["playpath", `rtmp://${at}/live/x`, "Ef6qwertz", format("rtmp_playpath", "Ef6qwertz")],
    ["SRT, access control", `srt://${at}?streamid=#!::u=admin,s=Fa1qwertz,m=request`, "Fa1qwertz"],
    [
      "SRT, access control, encoded",
      `srt://${at}?streamid=${encoded("#!::u=admin,s=Fb2qwertz,m=request")}`,
      "Fb2qwertz",
    ],
    ["SRT, a stream id", `srt://${at}?streamid=read:live:admin:Fc3qwertz`, "Fc3qwertz"],
    ["SRT, a passphrase", `srt://${at}?passphrase=Fd4qwertzuiop`, "Fd4qwertzuiop"],
    ["a passphrase", `srt://${at}`, "Fe5qwertzuiop", format("passphrase", "Fe5qwertzuiop")],
    [
      "headers",
      `http://${at}/live`,
      "Ga1qwertz",
      format("headers", "Authorization: Bearer Ga1qwertz"),
    ],
    ["cookies", `http://${at}/live`, "Gb2qwertz", format("cookies", "sid=Gb2qwertz; path=/;")],
    [
      "a proxy",
      `http://camera.invalid/live`,
      "Gc3qwertz",
      format("http_proxy", `http://u:Gc3qwertz@${at}`),
    ],
    [
      "an option that nobody knows",
      `rtsp://${at}/live`,
      "Gd4qwertz",
      format("nothing", "Gd4qwertz"),
    ],
    ["a wrong value", `rtsp://${at}/live`, "Ge5qwertz", format("rtsp_flags", "Ge5qwertz")],
    [
      "a key",
      `http://${at}/live`,
      "Gf6qwertz",
      { ffmpeg: { format: { decryption_key: "Gf6qwertz" }, codec: { nothing: "Gf6qwertz" } } },
    ],
  ];
  return rows.map(([name, url, secret, options]) => {
    return { name, url, options, secrets: spellings(secret) };
  });
}

function spellings(secret: string): string[] {
  const once = encodeURIComponent(secret);
  const base64 = (user: string) => btoa(unescape(encodeURIComponent(`${user}:${secret}`)));
  return [
    ...[secret, once, once.toLowerCase(), encodeURIComponent(once), encodeURI(secret)],
    ...[JSON.stringify(secret).slice(1, -1), base64("admin"), base64("u")],
  ];
}

const log = (level: string) => (...args: unknown[]) => console.log(level, ...args);

export const PRINTING_LOGGER: Logger = {
  debug: log("debug"),
  info: log("info"),
  warn: log("warn"),
  error: log("error"),
};

/** Prints a value in every way there is. */
export function show(what: string, value: unknown): void {
  console.log(what, value);
  console.error(what, value);
  console.log(String(value));
  console.log(inspect(value, { depth: 4, showHidden: true, getters: true }));
  console.log(JSON.stringify(value));
  if (value instanceof Error) {
    console.log(value.name, value.message, value.stack, value.cause);
    for (const key of Reflect.ownKeys(value)) console.log(key, Reflect.get(value, key));
  }
}

/** Prints what a program's mistakes are answered with. */
export function showMistakes(mistakes: readonly (() => unknown)[]): void {
  for (const mistake of mistakes) {
    try {
      show("made", mistake());
    } catch (error) {
      show("mistake", error);
    }
  }
}
