/** User names and passwords in URLs and options; faults.md calls these tests S1. */

import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { test } from "node:test";
import {
  type Credentials,
  type MediaUrl,
  parseMediaUrl,
  redactText,
} from "../../../src/core/connection/url.ts";
import { forAll } from "../property.ts";

/** Password, and as it stands once encoded. */
const PASSWORDS: readonly (readonly [string, string])[] = [
  ["p@ss", "p%40ss"],
  ["p#ss", "p%23ss"],
  ["p%ss", "p%25ss"],
  ["p/ss", "p%2Fss"],
  ["p:ss", "p%3Ass"],
  ["p?ss", "p%3Fss"],
  ["p ss", "p%20ss"],
  ["päß", "p%C3%A4%C3%9F"],
  ["p%41ss", "p%2541ss"],
  ["\u{1f511}key", "%F0%9F%94%91key"],
];

/** What is between "://" and the last "@" of libav's URL, as libav takes it apart. */
function credentialsOf({ withCredentials }: MediaUrl): Credentials {
  const [, userinfo] = /^[a-z]+:\/\/([^/?#]*)@/.exec(withCredentials) ?? [];
  const [username, password] = (userinfo ?? "").split(":").map(decodeURIComponent);
  return { username, password };
}

for (const [password, encoded] of PASSWORDS) {
  test(`the password ${password} as an option is encoded, once`, () => {
    const media = parseMediaUrl("rtsp://camera/x", { username: "admin", password });
    assertEquals(media.withCredentials, `rtsp://admin:${encoded}@camera/x`);
    assertEquals([media.redacted, media.host], ["rtsp://***@camera/x", "camera"]);
  });

  test(`the password ${password} encoded in the URL is not encoded again`, () => {
    const media = parseMediaUrl(`rtsp://admin:${encoded}@camera/x`);
    assertEquals(media.withCredentials, `rtsp://admin:${encoded}@camera/x`);
    assertEquals(media.redacted, "rtsp://***@camera/x");
  });

  test(`no message about a URL shows the password ${password}, encoded or not`, () => {
    const urls = [password, encoded].flatMap((text) => [
      `rtsp://admin:${text}@cam era/x`,
      `rtsp://admin:${text}@camera:0/x`,
      `rtsp://admin:${text}@camera:port/x`,
      `rtsp://admin:${text}@/x`,
      `rtsp://admin:${text}@[::1/x`,
      `rtsp:/admin:${text}@camera/x`,
      `gopher://admin:${text}@camera/x`,
      `rtsp://admin:${text}@camera/\n`,
    ]);
    for (const url of urls) {
      const { message, stack } = assertThrows(() => parseMediaUrl(url), TypeError);
      for (const text of [password, encoded]) {
        assertFalse(`${message} ${stack}`.includes(text), `${url}: ${message}`);
      }
    }
  });
}

for (const [password, encoded] of PASSWORDS.filter(([text]) => !/[#/?%]/.test(text))) {
  test(`the password ${password} works in the URL as it is`, () => {
    const media = parseMediaUrl(`rtsp://admin:${password}@camera/x`);
    assertEquals(media.withCredentials, `rtsp://admin:${encoded}@camera/x`);
    assertEquals(media.redacted, "rtsp://***@camera/x");
  });
}

test("a % in the URL that is no escape stays a %", () => {
  assertEquals(credentialsOf(parseMediaUrl("rtsp://u:p%ss@h/")).password, "p%ss");
  assertEquals(credentialsOf(parseMediaUrl("rtsp://u:50%@h/")).password, "50%");
  assertEquals(credentialsOf(parseMediaUrl("rtsp://u:%ff@h/")).password, "%ff");
});

test("# / ? in a password of the URL are refused with the advice to encode them", () => {
  for (const password of ["p#ss", "p/ss", "p?ss"]) {
    const check = () => parseMediaUrl(`rtsp://admin:${password}@camera/x`);
    const { message } = assertThrows(check, TypeError, "percent-encoded");
    assertStringIncludes(message, 'option "username" or "password"');
  }
});

test("user name and password may be 127 bytes in all once encoded, not more", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["u", "x".repeat(125)],
    ["", "x".repeat(126)],
    ["user", "@".repeat(40) + "ab"],
  ];
  for (const [username, password] of rows) {
    const media = parseMediaUrl("rtsp://camera/", { username, password });
    assertEquals(media.withCredentials.length - "rtsp://@camera/".length, 127);
    const longer = `${password}y`;
    for (
      const check of [
        () => parseMediaUrl("rtsp://camera/", { username, password: longer }),
        () => parseMediaUrl(`rtsp://${username}:${encodeURIComponent(longer)}@camera/`),
      ]
    ) {
      const { message } = assertThrows(check, TypeError, "at most 127 bytes once encoded, got 128");
      assertFalse(message.includes(longer.slice(0, 8)), message);
    }
  }
});

test("options take the place of what the URL has", () => {
  const url = "rtsp://old:secret1@camera/x";
  const withCredentials = (credentials: Credentials) =>
    parseMediaUrl(url, credentials).withCredentials;
  assertEquals(withCredentials({}), url);
  assertEquals(withCredentials({ username: "new" }), "rtsp://new:secret1@camera/x");
  assertEquals(withCredentials({ password: "secret2" }), "rtsp://old:secret2@camera/x");
  assertEquals(withCredentials({ username: "a", password: "b" }), "rtsp://a:b@camera/x");
});

test("a user name alone, an empty password and no user name are all possible", () => {
  assertEquals(parseMediaUrl("rtsp://admin@camera/").withCredentials, "rtsp://admin@camera/");
  assertEquals(parseMediaUrl("rtsp://admin:@camera/").withCredentials, "rtsp://admin:@camera/");
  assertEquals(parseMediaUrl("rtsp://:pw@camera/").withCredentials, "rtsp://:pw@camera/");
  assertEquals(parseMediaUrl("rtsp://admin@camera/").redacted, "rtsp://***@camera/");
  assertEquals(parseMediaUrl("rtsp://camera/").redacted, "rtsp://camera/");
});

test("user name and password are refused for SRT, with what to write instead", () => {
  for (const credentials of [{ username: "hunter1" }, { password: "hunter2" }]) {
    const check = () => parseMediaUrl("srt://camera:9000", credentials);
    const { message } = assertThrows(check, TypeError, "do nothing for srt");
    assertStringIncludes(message, "?streamid=#!::u=NAME");
    assertStringIncludes(message, "ffmpeg.format.passphrase");
    assertFalse(message.includes("hunter"), message);
  }
});

test("credentials do not change a file's path", () => {
  const { withCredentials } = parseMediaUrl("./a@b.mp4", { username: "u", password: "p" });
  assertEquals(withCredentials, "file:./a@b.mp4");
});

/** Behind `SCHEME://server.example:99`, with what is shown of it. Every secret has a 7 and an 8 in it. */
const TAILS: readonly (readonly [string, string, string])[] = [
  ["http", "/x?token=abc78", "/x?token=***"],
  ["http", "/x?channel=1&password=abc78&subtype=2", "/x?channel=1&password=***&subtype=2"],
  ["http", "/x?user=me&PWD=abc78", "/x?user=me&PWD=***"],
  ["http", "/x?resolution=1;api_key=abc78;fps=2", "/x?resolution=1;api_key=***;fps=2"],
  ["http", "/x?sig=abc78&authToken=def78", "/x?sig=***&authToken=***"],
  ["http", "/cgi?loginuse=me&loginpas=abc78", "/cgi?loginuse=***&loginpas=***"],
  ["http", "/x?pw=abc78&psw=abc78&sid=abc78", "/x?pw=***&psw=***&sid=***"],
  ["http", "/x?jwt=e.y78.z&session=abc78&hash=abc78", "/x?jwt=***&session=***&hash=***"],
  ["http", "/x?p%61ssword=abc78&ch%61nnel=1", "/x?p%61ssword=***&ch%61nnel=1"],
  ["http", "/x?toString=abc78&__proto__=abc78", "/x?toString=***&__proto__=***"],
  ["http", "/x?abc78", "/x?***"],
  ["http", "/x?tcp", "/x?tcp"],
  ["http", "/x?=abc78", "/x?=***"],
  ["http", "/x?a=b=abc78", "/x?a=***"],
  ["http", "/x?id=78", "/x?id=***"],
  ["http", "/x#abc78", "/x#***"],
  ["http", "/x?fps=5#token=abc78", "/x?fps=5#***"],
  ["http", "/x?u=http://me:abc78@h/", "/x?u=***"],
  ["http", "/proxy/rtsp://me:abc78@h/x", "/proxy/rtsp://***@h/x"],
  ["http", "/x;jsessionid=abc78", "/x;jsessionid=***"],
  ["rtsp", "/user=me&password=abc78&channel=1.sdp", "/user=me&password=***&channel=1.sdp"],
  ["rtsp", "/user=me_password=abc78_channel=1", "/user=me_password=***_channel=1"],
  ["rtsp", "/user=me_password=a_78_channel=1", "/user=me_password=***_channel=1"],
  ["rtsp", "/cam/realmonitor?channel=1&subtype=0", "/cam/realmonitor?channel=1&subtype=0"],
  ["rtsp", "/Streaming/Channels/101", "/Streaming/Channels/101"],
  ["rtsp", "/auth_token=abc78/live", "/auth_token=***/live"],
  ["http", "/token/abc78/live.m3u8", "/token/***/live.m3u8"],
  ["http", "/sdm_live_stream/abc78?auth=abc78", "/sdm_live_stream/***?auth=***"],
  ["http", "/hls/eyJ78.e-_78.c78/index.m3u8", "/hls/***/index.m3u8"],
  ["http", "/x?stream=rtsp://me:abc78@h/x&fps=5", "/x?stream=***&fps=5"],
  ["http", "/x?stream=me%253Aabc78%2540h", "/x?stream=***"],
  ["rtmp", "/live/abc78", "/live/***"],
  ["rtmp", "/live/abc78?user=me&pass=def78", "/live/***?user=me&pass=***"],
  ["rtmp", "/app/instance78/key78", "/app/***"],
  ["rtmps", "/rtmp/FB-78-0-abc?s_bl=1&s_psm=78", "/rtmp/***?s_bl=***&s_psm=***"],
  ["rtmp", "/live", "/live"],
  ["rtmp", "/live/", "/live/"],
  ["srt", "?streamid=read:live:me:abc78&latency=200", "?streamid=***&latency=200"],
  ["srt", "?streamid=#!::u=me,r=live,s=abc78", "?streamid=#***"],
  ["srt", "?streamid=%23!::u=me,s=abc78&mode=caller", "?streamid=***&mode=caller"],
  ["srt", "?passphrase=abc78abc78&pbkeylen=16", "?passphrase=***&pbkeylen=***"],
  ["udp", "?fifo_size=100&localaddr=10.0.0.2", "?fifo_size=100&localaddr=10.0.0.2"],
];

for (const [scheme, tail, shown] of TAILS) {
  test(`of ${scheme}://server.example:99${tail} people see ${shown}`, () => {
    const media = parseMediaUrl(`${scheme}://server.example:99${tail}`);
    assertEquals(media.redacted, `${scheme}://server.example:99${shown}`);
    assertEquals(media.withCredentials, `${scheme}://server.example:99${tail}`);
    const told = redactText(`Opening '${media.withCredentials}' for reading`, media);
    assertFalse(/78/.test(told), told);
  });
}

test("the path is a token at the ports of UniFi Protect", () => {
  for (const [port, shown] of [[7441, "***"], [7447, "***"], [7442, "aBc78"]] as const) {
    const media = parseMediaUrl(`rtsps://console.example:${port}/aBc78?enableSrtp`);
    assertEquals(media.redacted, `rtsps://console.example:${port}/${shown}?***`);
    assertEquals(media.secrets.includes("aBc78"), shown === "***");
  }
});

test("a short value is hidden with its name only: it may stand in any text", () => {
  const media = parseMediaUrl("http://camera/x?id=1");
  assertEquals(redactText("1 of 11 bytes of ?id=1", media), "1 of 11 bytes of ?***");
});

test("redactText() hides the password raw, encoded and as it was in the URL", () => {
  const media = parseMediaUrl("rtsp://admin:p%40s:s%3a%@camera/x");
  const forms = ["p@s:s:%", "p%40s%3As%3A%25", "p%40s:s%3a%"];
  const told = redactText(`${forms.join(" ")} ${media.withCredentials}`, media);
  for (const form of forms) assertFalse(told.includes(form), told);
  assertStringIncludes(told, "***");
});

test("redactText() hides a secret whole where a shorter one is a part of it", () => {
  const media = parseMediaUrl("rtsp://u:abc@camera/?token=abcdef");
  assertEquals(redactText("abcdef abc", media), "*** ***");
});

const CHARACTERS = [
  ..."abcXYZ0189-_.!~*'()@:/?#[]%&=+$,; <>\"\\^`{|}",
  ..."äßñ€漢",
  "\u{1f511}",
  "%41",
  "%2",
  "%zz",
];

test("any password comes to libav as it is, and is in nothing that is shown", () => {
  let tried = 0;
  forAll(3_000, (random) => {
    // Eight characters and more: a shorter one may be a part of "rtsp://***@camera/".
    const password = random.text(CHARACTERS, 8, 20);
    const username = random.text(CHARACTERS, 1, 6);
    const userinfo = [username, password].map(encodeURIComponent).join(":");
    const inUrl = random.number() < 0.5;
    const url = inUrl ? `rtsp://${userinfo}@camera:554/x` : "rtsp://camera:554/x";
    const options = inUrl ? {} : { username, password };
    if (userinfo.length > 127) {
      const error = assertThrows(() => parseMediaUrl(url, options), TypeError);
      assertInstanceOf(error, TypeError);
      assertFalse(error.message.includes(password));
      return;
    }
    tried++;
    const media = parseMediaUrl(url, options);
    assertEquals(credentialsOf(media), { username, password });
    assertFalse(media.redacted.includes(password), password);
    assertEquals(media.redacted, "rtsp://***@camera:554/x");
    const told = redactText(`${password} ${media.withCredentials} ${userinfo}`, media);
    for (const form of [password, encodeURIComponent(password)]) {
      assertFalse(told.includes(form), `${form} in ${told}`);
    }
  });
  assert(tried > 1_000);
});

test("whatever stands before the last @ is taken or refused, never shown", () => {
  let taken = 0;
  forAll(3_000, (random) => {
    const password = `x${random.text(CHARACTERS, 7, 15)}`;
    const url = `rtsp://admin:${password}@camera/x`;
    let shown: string;
    try {
      const media = parseMediaUrl(url);
      taken++;
      shown = media.redacted + redactText(media.withCredentials, media);
    } catch (error) {
      assertInstanceOf(error, TypeError);
      shown = `${error.message} ${error.stack}`;
    }
    assertFalse(shown.includes(password), `${password} in ${shown}`);
  });
  assert(taken > 1_000);
});

test("a password that looks like a port that cannot be is refused and not repeated", () => {
  for (const url of ["rtsp://admin:0/secret@cam/x", "rtsp://admin:99999/secret@cam/x"]) {
    const { message } = assertThrows(() => parseMediaUrl(url), TypeError);
    for (const part of ["secret", "99999"]) assertFalse(message.includes(part), message);
  }
});

test("a password in the path of a camera is not shown", () => {
  const { redacted, secrets } = parseMediaUrl("rtsp://cam/user=admin_password=tlJw_channel=1.sdp");
  assertFalse(redacted.includes("tlJw"), redacted);
  assert(secrets.some((secret) => secret.includes("tlJw")));
});

test("encoded control characters and lone surrogates are refused", () => {
  assertThrows(() => parseMediaUrl("rtsp://u:a%0d%0ab@cam/"), TypeError, "control characters");
  assertThrows(() => parseMediaUrl("rtsp://cam/", { password: "\ud800" }), TypeError, "Unicode");
});
