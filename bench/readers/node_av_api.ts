/** What of node-av is used here; the module itself is in the peers' directory. */

export interface NodeAvFrame {
  readonly width: number;
  readonly height: number;
  free(): void;
}

export interface NodeAvInput {
  video(): { readonly index: number } | undefined;
  packets(index: number): unknown;
}

export interface NodeAvDecoder {
  frames(packets: unknown): AsyncIterable<NodeAvFrame | null>;
}

export interface NodeAvScaler {
  toBuffer(frame: NodeAvFrame, options: { readonly format: "rgb" }): Promise<Uint8Array>;
}

export interface NodeAv {
  readonly Demuxer: { open(url: string, options?: unknown): Promise<NodeAvInput> };
  readonly Decoder: { create(stream: unknown, options?: unknown): Promise<NodeAvDecoder> };
  readonly Scaler: new () => NodeAvScaler;
}
