/** A secret is in nothing that a program or its user gets to see, in whatever form it was given. */

import { assert, assertEquals, assertGreaterOrEqual, assertThrows } from "@std/assert";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import {
  type Logger,
  StreamError,
  StreamGroup,
  type StreamStatus,
  VideoStream,
  type VideoStreamOptions,
  VideoWriter,
} from "../../../mod.ts";
import { freePort } from "../../support/port.ts";
import { startScript } from "../../support/process.ts";
import { type SecretForm, secretForms } from "../../support/secret_forms.ts";
import { within } from "../../support/waiting.ts";
import { scene, SMALL_RGB, together } from "../writing.ts";

const options = { timeout: 400_000 };
/** For a machine that is busy with other tests. */
const LONG = 120_000;
const DEMO = fileURLToPath(new URL("../../../src/cli/demo.ts", import.meta.url));

/** All that was said, by where. */
class Heard {
  readonly #form: SecretForm;
  /** Where something has leaked, and what. */
  readonly #leaks = new Map<string, string>();
  readonly places = new Set<string>();

  constructor(form: SecretForm) {
    this.#form = form;
  }

  readonly logger: Logger = {
    debug: (...args) => this.hear("debug", args),
    info: (...args) => this.hear("info", args),
    warn: (...args) => this.hear("warn", args),
    error: (...args) => this.hear("error", args),
  };

  hear(place: string, value: unknown): void {
    this.places.add(place);
    const texts = [inspect(value, { depth: 6, showHidden: true, getters: true }), describe(value)];
    for (let error = value; error instanceof Error; error = error.cause) {
      texts.push(String(error), error.message, error.stack ?? "", describe({ ...error }));
    }
    for (const text of texts) {
      const leak = this.#form.secrets.find((secret) => text.includes(secret));
      if (leak === undefined) continue;
      const at = text.indexOf(leak);
      this.#leaks.set(`${this.#form.name}, ${place}`, text.slice(Math.max(0, at - 90), at + 40));
    }
  }

  get leaks(): string[] {
    return [...this.#leaks].map(([place, text]) => `${place}: ${text}`);
  }

  async hearStatus(status: AsyncIterable<StreamStatus>): Promise<void> {
    for await (const event of status) {
      this.hear(`status ${event.type}`, event);
      if ("error" in event) this.hear("error of an event", event.error);
    }
  }
}

/** As text and as JSON. */
function describe(value: unknown): string {
  const json = JSON.stringify(value, (_, item) => typeof item === "bigint" ? `${item}` : item);
  return `${String(value)} ${json}`;
}

const ONCE = {
  openTimeout: 700,
  closeTimeout: 500,
  reconnect: { delay: 10, maxAttempts: 1 },
};

async function read(form: SecretForm): Promise<Heard> {
  const heard = new Heard(form);
  const { logger } = heard;
  try {
    const stream = new VideoStream(form.url, {
      ...ONCE,
      ...form.options,
      logger,
      onReconnectFailure: (error) => heard.hear("callback", error),
    });
    await using _end = stream;
    const told = heard.hearStatus(stream.status());
    for (const wait of [stream.start().ready, stream.next()]) {
      heard.hear("rejection", await within("failure", wait.catch((error) => error), LONG));
    }
    heard.hear("lastError", stream.lastError);
    for (const state of ["failed", "stopped"]) {
      heard.hear(`url, ${state}`, stream.url);
      heard.hear(`stats, ${state}`, stream.stats());
      heard.hear(`stream, ${state}`, stream);
      await stream.stop();
    }
    await within("end of the events", told, LONG);
  } catch (error) {
    assert(error instanceof TypeError || error instanceof RangeError, `${form.name}: ${error}`);
    heard.hear("constructor", error);
  }
  return heard;
}

async function write(form: SecretForm): Promise<Heard> {
  const heard = new Heard(form);
  try {
    const writer = new VideoWriter(form.url, {
      ...SMALL_RGB,
      ...ONCE,
      ...form.options,
      logger: heard.logger,
      onReconnectFailure: (error) => heard.hear("callback", error),
    });
    const told = heard.hearStatus(writer.status());
    writer.write(scene.picture(0));
    for (const wait of [() => writer.ready, () => writer.flush(), () => writer.close()]) {
      heard.hear("rejection", await within("failure", wait().catch((error) => error), LONG));
    }
    heard.hear("lastError", writer.lastError);
    heard.hear("url", writer.url);
    heard.hear("stats", writer.stats());
    heard.hear("writer", writer);
    await within("end of the events", told, LONG);
  } catch (error) {
    // What cannot be written to is refused.
    assert(error instanceof TypeError || error instanceof RangeError, `${form.name}: ${error}`);
    heard.hear("constructor", error);
  }
  return heard;
}

/** So many at a time as threads are no burden. */
async function eachOf(forms: readonly SecretForm[], use: (form: SecretForm) => Promise<Heard>) {
  const heard: Heard[] = [];
  for (let i = 0; i < forms.length; i += 6) {
    heard.push(...await Promise.all(forms.slice(i, i + 6).map(use)));
  }
  return heard;
}

test("no form of a secret is in anything that a stream says", options, async () => {
  const forms = secretForms(await freePort());
  assertGreaterOrEqual(forms.length, 40);
  const heard = await eachOf(forms, read);
  assertEquals(heard.flatMap(({ leaks }) => leaks), []);
  // Nearly all went all the way.
  const ways = ["debug", "warn", "rejection", "callback", "status failed", "stats, stopped"];
  const far = heard.filter(({ places }) => ways.every((place) => places.has(place)));
  assertGreaterOrEqual(far.length, forms.length - 4);
});

test("no form of a secret is in anything that a writer says", options, async () => {
  const forms = secretForms(await freePort());
  const heard = await eachOf(forms, write);
  assertEquals(heard.flatMap(({ leaks }) => leaks), []);
  const ways = ["debug", "rejection", "callback", "status failed", "stats"];
  const far = heard.filter(({ places }) => ways.every((place) => places.has(place)));
  assertGreaterOrEqual(far.length, 25);
});

test("no form of a secret is in anything that a group says", options, async () => {
  const heard = await eachOf(secretForms(await freePort()).slice(0, 12), async (form) => {
    const heard = new Heard(form);
    const member = { url: form.url, ...ONCE, ...form.options };
    await using group = new StreamGroup({ camera: member }, { logger: heard.logger });
    const error = await within("failure", group.next().catch((error: unknown) => error), LONG);
    assert(error instanceof StreamError, String(error));
    heard.hear("rejection", error);
    heard.hear("stats", group.stats());
    heard.hear("group", group);
    return heard;
  });
  assertEquals(heard.flatMap(({ leaks }) => leaks), []);
});

test("no form of a secret is in anything that the demo prints", options, async () => {
  const inUrls = secretForms(await freePort()).filter((form) => form.options === undefined);
  // Of each kind of them one.
  const forms = inUrls.filter((_, i) => i % 6 === 0);
  assertGreaterOrEqual(forms.length, 7);
  await together(forms, async ({ name, url, secrets }) => {
    await using demo = startScript(DEMO, [url]);
    // An SRT server is waited for, and given up.
    const failed = /-- .*(?:Cannot open|timed out)/;
    await demo.until("a failed attempt", () => failed.test(demo.stdout) || undefined, LONG);
    demo.signal("SIGTERM");
    await demo.exited;
    const printed = demo.stdout + demo.stderr;
    assertEquals(secrets.filter((secret) => printed.includes(secret)), [], `${name}: ${printed}`);
  });
});

test("no secret that stands in a wrong place is in the error", () => {
  const secret = "Ha1qwertz";
  const url = "http://camera.example/live";
  // As JavaScript lets a program do it.
  const wrong = (options: unknown) => () => new VideoStream(url, options as VideoStreamOptions);
  const mistakes: readonly (() => unknown)[] = [
    wrong(secret),
    wrong([secret]),
    wrong({ password: [secret] }),
    wrong({ passwort: secret }),
    wrong({ password: `${secret}\n` }),
    wrong({ ffmpeg: `headers=${secret}` }),
    wrong({ ffmpeg: { format: `headers=${secret}` } }),
    wrong({ ffmpeg: { codec: secret } }),
    wrong({ ffmpeg: { format: { headers: [secret] } } }),
    wrong({ ffmpeg: { format: { headers: `Authorization: ${secret}\r\n` } } }),
    wrong({ tls: secret }),
    wrong({ reconnect: secret }),
    () => new VideoStream(new URL(`http://u:${secret}@camera.example/`) as unknown as string),
    () => new VideoStream(`gopher://u:${secret}@camera.example/`),
    () => new VideoWriter(`http://u:${secret}@camera.example/film.mp4`),
    () => new VideoStream("film.mp4").record(`rtsp://u:${secret}@camera.example/film.mp4`),
  ];
  mistakes.forEach((mistake, i) => {
    const error = assertThrows(mistake, TypeError);
    assert(!`${error.message} ${inspect(error, { showHidden: true })}`.includes(secret), `${i}`);
  });
});
