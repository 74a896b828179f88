/** One JPEG as RTP payloads (RFC 2435): its tables of quantization go along, Huffman's do not. */

import { Buffer } from "node:buffer";

interface Jpeg {
  width: number;
  height: number;
  /** 0 for 4:2:2, 1 for 4:2:0; 64 more where there are restart markers. */
  type: number;
  restartInterval: number;
  quantization: Buffer;
  scan: Buffer;
}

const TABLES_IN_BAND = 255;

function parse(data: Buffer): Jpeg {
  const tables: Buffer[] = [];
  const jpeg = { width: 0, height: 0, type: 1, restartInterval: 0 };
  for (let at = 2; at < data.length;) {
    const marker = data[at + 1];
    const body = data.subarray(at + 4, at + 2 + data.readUInt16BE(at + 2));
    at += 4 + body.length;
    if (marker === 0xdb) {
      for (let i = 0; i < body.length; i += 65) {
        tables[body[i]! & 15] = body.subarray(i + 1, i + 65);
      }
    } else if (marker === 0xc0) {
      jpeg.height = body.readUInt16BE(1);
      jpeg.width = body.readUInt16BE(3);
      jpeg.type = body[7] === 0x22 ? 1 : 0;
    } else if (marker === 0xdd) {
      jpeg.restartInterval = body.readUInt16BE(0);
    } else if (marker === 0xda) {
      const scan = data.subarray(at, data.length - 2);
      // Both tables have to be there, though libav's encoder writes only one.
      const quantization = Buffer.concat([tables[0]!, tables[1]! ?? tables[0]!]);
      return { ...jpeg, quantization, scan };
    }
  }
  throw new Error("a JPEG without a scan");
}

export function jpegPayloads(data: Buffer, size: number): Buffer[] {
  const { width, height, type, restartInterval, quantization, scan } = parse(data);
  const payloads: Buffer[] = [];
  for (let offset = 0; offset < scan.length;) {
    const header = [0, offset >> 16, offset >> 8 & 255, offset & 255];
    const kind = restartInterval > 0 ? type + 64 : type;
    header.push(kind, TABLES_IN_BAND, Math.ceil(width / 8), Math.ceil(height / 8));
    if (restartInterval > 0) header.push(restartInterval >> 8, restartInterval & 255, 255, 255);
    const tables = offset > 0 ? Buffer.alloc(0) : quantization;
    if (offset === 0) header.push(0, 0, 0, tables.length);
    const room = Math.max(1, size - header.length - tables.length);
    const part = scan.subarray(offset, offset + room);
    payloads.push(Buffer.concat([Buffer.from(header), tables, part]));
    offset += part.length;
  }
  return payloads;
}
