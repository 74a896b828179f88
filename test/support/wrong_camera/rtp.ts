/** RTP and RTCP packets (RFC 3550). */

import { Buffer } from "node:buffer";

export interface RtpHeader {
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly marker: boolean;
}

export function rtpPacket(header: RtpHeader, payload: Uint8Array): Buffer {
  const packet = Buffer.alloc(12 + payload.length);
  packet[0] = 0x80;
  packet[1] = (header.marker ? 0x80 : 0) | header.payloadType;
  packet.writeUInt16BE(header.sequence & 0xffff, 2);
  packet.writeUInt32BE(header.timestamp >>> 0, 4);
  packet.writeUInt32BE(header.ssrc, 8);
  packet.set(payload, 12);
  return packet;
}

export interface SenderReport {
  readonly ssrc: number;
  /** Milliseconds since 1970; 0 is sent as a zero, by which a camera says that it has no clock. */
  readonly time: number;
  readonly timestamp: number;
  readonly packets: number;
  readonly bytes: number;
}

/** From the beginning of 1900 to that of 1970. */
const NTP_SECONDS = 2_208_988_800;

/** A sender report, and the name of the source, without which it is not complete. */
export function senderReport(report: SenderReport): Buffer {
  const packet = Buffer.alloc(28);
  packet.writeUInt32BE(0x80c80006, 0);
  packet.writeUInt32BE(report.ssrc, 4);
  if (report.time !== 0) {
    const seconds = Math.floor(report.time / 1000);
    packet.writeUInt32BE((seconds + NTP_SECONDS) % 2 ** 32, 8);
    packet.writeUInt32BE(Math.floor((report.time / 1000 - seconds) * 2 ** 32), 12);
  }
  packet.writeUInt32BE(report.timestamp >>> 0, 16);
  packet.writeUInt32BE(report.packets >>> 0, 20);
  packet.writeUInt32BE(report.bytes >>> 0, 24);
  const name = Buffer.from("\x01\x06camera\0\0\0\0", "latin1");
  const description = Buffer.alloc(8 + name.length);
  description.writeUInt32BE(0x81ca0000 + description.length / 4 - 1, 0);
  description.writeUInt32BE(report.ssrc, 4);
  description.set(name, 8);
  return Buffer.concat([packet, description]);
}

export function goodbye(ssrc: number): Buffer {
  const packet = Buffer.alloc(16);
  packet.writeUInt32BE(0x80c90001, 0);
  packet.writeUInt32BE(ssrc, 4);
  packet.writeUInt32BE(0x81cb0001, 8);
  packet.writeUInt32BE(ssrc, 12);
  return packet;
}
