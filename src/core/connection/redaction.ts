/**
 * What of a URL is not shown.
 *
 * @module
 */

/** Stands for what is not shown. */
export const HIDDEN = "***";
/**
 * Parameters whose values are shown: what cameras and libav's protocols are told about pictures and
 * the network. All others may be a token, whatever its maker calls it.
 */
const HARMLESS = new Set(
  (`audio bitrate buffer_size camera ch channel channels chn codec compression connect_timeout ` +
    `fifo_size format fps framerate frame_rate height inst latency listen live localaddr ` +
    `localport mode mute multicast overrun_nonfatal pkt_size pkts profile proto protocol quality ` +
    `rate real_stream res resolution reuse rotation stream stream_type streamtype subtype ` +
    `substream tcp timeout transport transtype ttl type udp unicast user username video ` +
    `videocodec width`).split(" "),
);
/** In the path: `/user=admin_password=x_channel=1`; a value ends where the next name begins. */
const PATH_PARAMETER = /([^=&;/_?#@:]+(?:_[a-z]+)?=)([^&;/]*?)(?=_[^=&;/_]+=|[&;/]|$)/gi;
/** User and password of a URL within the URL: `?src=rtsp://user:password@camera`. */
const INNER = [
  /(\/\/)([^/?#&@]*:[^/?#&@]*)(?=@)/g,
  /(%2f%2f)((?:(?!%2f|%40)[^/?#&@])*%3a(?:(?!%2f|%40)[^/?#&@])*)(?=%40)/gi,
];
/** A value that is a URL, or has a password as one has it, encoded as often as one likes. */
const TELLTALE = /\/\/|:[^@]*@|%(?:25)*(?:2f|3a|40)/i;
/** A token that says in the path what it is, or is a JSON Web Token (RFC 7519). */
const PATH_TOKENS = [
  new RegExp(
    "(/(?:auth|auth_?token|access_?token|api_?key|jwt|secret|session|session_?id|sid|sig|" +
      "signature|token|sdm_live_stream)/)([^/]+)",
    "gi",
  ),
  /(^|[/.=])(eyJ[\w-]+\.[\w-]+\.[\w-]*)/g,
];
/** The ports of UniFi Protect, whose paths are tokens. */
const TOKEN_PORTS: ReadonlySet<string> = new Set([":7441", ":7447"]);
const WHOLE_PATH = /^(\/)([^/]+)/g;
/** RTMP: the application, and the stream key, which is all that a publisher has to know. */
const STREAM_KEY = /^([^/]*\/[^/]*\/)(.+)$/s;
/** A shorter value may stand in any text by chance. */
const TELLING = 5;
/** What a password could end at: host and port. */
const ADDRESS = /^(?:\[[0-9a-f:.]+\]|[\w-][\w.-]*)(?::\d{1,5})?(?=[/?#]|$)/i;
/** What is no user name: an IP address, a name with dots, this machine. */
const CERTAIN_HOST = /[.[]|^localhost(?::|$)/i;

/** A URL taken apart by RFC 3986. */
export interface UrlParts {
  /** As it was given; undefined when there is no `@` before the host. */
  readonly userinfo: string | undefined;
  readonly host: string;
  /** With its colon; empty when there is none. */
  readonly port: string;
  /** Path, query and fragment. */
  readonly tail: string;
}

/** The part of a URL that may be a secret, and what comes behind it. */
export interface Doubt {
  readonly secret: string;
  readonly rest: string;
}

/**
 * A legal URL is opened as it stands, but somebody who has not encoded a `/`, `?` or `#` of
 * a password may have meant another one: `rtsp://admin:12/3@camera.example` has the host
 * `admin`. What would be the password then, here `12/3`, is not to be shown.
 */
export function doubtIn({ host, port, tail }: UrlParts): Doubt | undefined {
  if (host === "" || CERTAIN_HOST.test(host)) return undefined;
  for (const { index } of [...tail.matchAll(/@/g)].reverse()) {
    const rest = tail.slice(index);
    const address = ADDRESS.exec(rest.slice(1))?.[0];
    if (address === undefined) continue;
    // One word at the end is a name of a stream as well: "/live/@main".
    const isHost = CERTAIN_HOST.test(address) || rest.length > 1 + address.length;
    if (isHost) return { secret: `${port.slice(1)}${tail.slice(0, index)}`, rest };
  }
  return undefined;
}

/** Path, query and fragment without what is secret in them. */
export function redactTail(tail: string, scheme: string, port = ""): string {
  return piecesOf(tail, scheme, port).map(({ text, secret }) => secret && text ? HIDDEN : text)
    .join("");
}

/** What is secret in path, query and fragment, with its name where it is short. */
export function secretsOfTail(tail: string, scheme: string, port = ""): string[] {
  const pieces = piecesOf(tail, scheme, port);
  const values = pieces.flatMap(({ text, secret }, i) => {
    if (!secret || text === "") return [];
    const named = `${pieces[i - 1]?.text ?? ""}${text}`;
    return text.length < TELLING ? [named] : [text, named];
  });
  const inner = INNER.flatMap((pattern) => [...tail.matchAll(pattern)].map((match) => match[2]!));
  return [...values, ...inner];
}

/** A part of a tail; all of them in their order are the tail. */
interface Piece {
  readonly text: string;
  readonly secret: boolean;
}

function piecesOf(tail: string, scheme: string, port: string): Piece[] {
  const [, path = "", query = "", fragment = ""] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(tail) ?? [];
  return [...pathPieces(path, scheme, port), ...queryPieces(query), ...fragmentPieces(fragment)];
}

function pathPieces(path: string, scheme: string, port: string): Piece[] {
  const key = scheme.startsWith("rtmp") ? STREAM_KEY.exec(path) : null;
  if (key) return [shown(key[1]!), hidden(key[2]!)];
  let pieces = split(path, PATH_PARAMETER, isHarmless);
  const patterns = [...INNER, ...PATH_TOKENS, ...TOKEN_PORTS.has(port) ? [WHOLE_PATH] : []];
  for (const pattern of patterns) {
    pieces = pieces.flatMap((piece) => piece.secret ? [piece] : split(piece.text, pattern));
  }
  return pieces;
}

function queryPieces(query: string): Piece[] {
  return query.split(/(?<=[?&;])|(?=[&;])/).flatMap((item) => {
    if (/^[?&;]?$/.test(item)) return [shown(item)];
    const equals = item.indexOf("=") + 1;
    // One that has no name is harmless if it is one: "?tcp".
    const name = equals === 0 ? item : item.slice(0, equals);
    if (isHarmless(name) && !TELLTALE.test(item.slice(equals))) return [shown(item)];
    return [shown(item.slice(0, equals)), hidden(item.slice(equals))];
  });
}

function fragmentPieces(fragment: string): Piece[] {
  return [shown(fragment.slice(0, 1)), hidden(fragment.slice(1))];
}

/** The second group of each match is secret, unless the first says otherwise. */
function split(text: string, pattern: RegExp, allowed = (_name: string) => false): Piece[] {
  const pieces: Piece[] = [];
  let done = 0;
  for (const { index, 0: match, 1: name = "", 2: value = "" } of text.matchAll(pattern)) {
    if (allowed(name)) continue;
    pieces.push(shown(text.slice(done, index) + name), hidden(value));
    done = index + match.length;
  }
  return [...pieces, shown(text.slice(done))];
}

function isHarmless(name: string): boolean {
  const text = name.replace(/=$/, "").toLowerCase();
  return HARMLESS.has(text.replace(/%[0-9a-f]{2}/g, (escape) => {
    return String.fromCharCode(parseInt(escape.slice(1), 16));
  }));
}

function shown(text: string): Piece {
  return { text, secret: false };
}

function hidden(text: string): Piece {
  return { text, secret: true };
}
