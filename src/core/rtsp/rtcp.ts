/**
 * RTCP (RFC 3550, section 6): the sender reports that come, the reports and the requests for
 * a keyframe that go out.
 *
 * @module
 */

/** Packet types: RFC 3550, 12.1; RFC 4585, 6.1. */
const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
const GOODBYE = 203;
const PAYLOAD_FEEDBACK = 206;
/** `FMT` of payload-specific feedback: RFC 4585, 6.3.1; RFC 5104, 4.3.1. */
const PICTURE_LOSS = 1;
const FULL_INTRA = 4;
const CNAME = 1;

/** Seconds from 1900, where NTP begins, to 1970. */
const NTP_EPOCH = 2_208_988_800;
const NTP_SECOND = 2 ** 32;
const MOST_LOST = 0x7f_ffff;

/** What a sender report says of its clock. */
export interface SenderTime {
  readonly ssrc: number;
  /** Epoch milliseconds by the sender's clock. */
  readonly time: number;
  /** The timestamp of RTP at that time. */
  readonly timestamp: number;
  /** The middle 32 bits of its NTP time, which a receiver report gives back. */
  readonly compact: number;
}

export interface RtcpHandlers {
  onSenderReport(report: SenderTime): void;
  /** The source has left (BYE). */
  onGoodbye(ssrc: number): void;
}

/** Reads a compound packet, `data[from]` to `data[to - 1]`, as far as it can be read. */
export function readRtcp(
  data: Uint8Array,
  from: number,
  to: number,
  handlers: RtcpHandlers,
): void {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  for (let at = from; to - at >= 4;) {
    const end = at + 4 + 4 * view.getUint16(at + 2);
    if (data[at]! >> 6 !== 2 || end > to) return;
    const type = data[at + 1];
    if (type === SENDER_REPORT && end - at >= 28) {
      const report = senderTime(view, at);
      if (report) handlers.onSenderReport(report);
    } else if (type === GOODBYE && end - at >= 8) handlers.onGoodbye(view.getUint32(at + 4));
    at = end;
  }
}

/** Undefined where the sender has no clock, and says 0 (RFC 3550, 6.4.1). */
function senderTime(view: DataView, at: number): SenderTime | undefined {
  const seconds = view.getUint32(at + 8);
  const fraction = view.getUint32(at + 12);
  if (seconds === 0 && fraction === 0) return undefined;
  return {
    ssrc: view.getUint32(at + 4),
    time: (seconds - NTP_EPOCH + fraction / NTP_SECOND) * 1000,
    timestamp: view.getUint32(at + 16),
    compact: (seconds << 16 | fraction >>> 16) >>> 0,
  };
}

/** What a receiver says of the packets of one source (RFC 3550, 6.4.1). */
export interface Reception {
  readonly ssrc: number;
  /** Of those that were expected since the report before: 0 to 1. */
  readonly fractionLost: number;
  readonly lost: number;
  /** The extended highest sequence number. */
  readonly highest: number;
  /** In units of the timestamps. */
  readonly jitter: number;
  /** `compact` of the last sender report; 0 before the first one. */
  readonly lastReport: number;
  /** Milliseconds since that came. */
  readonly delay: number;
}

/** How a keyframe is asked for; see RFC 4585, 6.3.1 and RFC 5104, 4.3.1. */
export type KeyframeRequest = { readonly kind: "pli" } | {
  readonly kind: "fir";
  /** Counts the requests, by 8 bits: one that is sent again has the same number. */
  readonly sequence: number;
};

/**
 * A compound packet: a receiver report, our name, and a request for a keyframe.
 *
 * @param own our SSRC
 * @param name a CNAME, at most 255 bytes of ASCII
 */
export function writeRtcp(
  own: number,
  name: string,
  reception: Reception,
  request?: KeyframeRequest,
): Uint8Array<ArrayBuffer> {
  const described = sourceDescription(own, name);
  const asked = request ? keyframeRequest(own, reception.ssrc, request) : new Uint8Array(0);
  const report = receiverReport(own, reception);
  const bytes = new Uint8Array(report.length + described.length + asked.length);
  bytes.set(report);
  bytes.set(described, report.length);
  bytes.set(asked, report.length + described.length);
  return bytes;
}

/** The header of a packet of so many bytes: RFC 3550, 6.4.1. */
function packetOf(
  count: number,
  type: number,
  length: number,
): [Uint8Array<ArrayBuffer>, DataView] {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  bytes[0] = 2 << 6 | count;
  bytes[1] = type;
  view.setUint16(2, length / 4 - 1);
  return [bytes, view];
}

function receiverReport(own: number, reception: Reception): Uint8Array<ArrayBuffer> {
  const [bytes, view] = packetOf(1, RECEIVER_REPORT, 32);
  view.setUint32(4, own);
  view.setUint32(8, reception.ssrc);
  const fraction = Math.min(255, Math.floor(reception.fractionLost * 256));
  view.setUint32(12, fraction << 24 | Math.min(reception.lost, MOST_LOST));
  view.setUint32(16, reception.highest);
  view.setUint32(20, reception.jitter);
  view.setUint32(24, reception.lastReport);
  // In units of 1/65536 s.
  view.setUint32(28, reception.lastReport === 0 ? 0 : Math.round(reception.delay * 65.536));
  return bytes;
}

/** RFC 3550, 6.5: an item, and zeros up to the next 32 bits, one at least. */
function sourceDescription(own: number, name: string): Uint8Array<ArrayBuffer> {
  const [bytes, view] = packetOf(
    1,
    SOURCE_DESCRIPTION,
    8 + 4 * Math.ceil((2 + name.length + 1) / 4),
  );
  view.setUint32(4, own);
  bytes[8] = CNAME;
  bytes[9] = name.length;
  for (let i = 0; i < name.length; i++) bytes[10 + i] = name.charCodeAt(i);
  return bytes;
}

function keyframeRequest(
  own: number,
  ssrc: number,
  request: KeyframeRequest,
): Uint8Array<ArrayBuffer> {
  const full = request.kind === "fir";
  const [bytes, view] = packetOf(
    full ? FULL_INTRA : PICTURE_LOSS,
    PAYLOAD_FEEDBACK,
    full ? 20 : 12,
  );
  view.setUint32(4, own);
  // A full intra request names the source in its entry, and 0 here.
  view.setUint32(8, full ? 0 : ssrc);
  if (request.kind === "pli") return bytes;
  view.setUint32(12, ssrc);
  bytes[16] = request.sequence & 0xff;
  return bytes;
}
