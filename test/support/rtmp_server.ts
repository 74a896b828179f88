/** A real RTMP server on loopback: nginx with its rtmp module. */

import { existsSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child } from "./child.ts";
import { answers, freePort } from "./port.ts";

export interface RtmpServerOptions {
  /** Default: a free one. Give one to restart a server in its old place. */
  port?: number | undefined;
  /** "deny" refuses every publisher. */
  onPublish?: "deny" | undefined;
  /**
   * Whether players may wait for a publisher and outlive it. Off by default,
   * so that a player sees an end when its publisher goes.
   */
  idleStreams?: boolean | undefined;
}

const MODULE = [
  "/usr/lib/nginx/modules/ngx_rtmp_module.so",
  "/usr/lib64/nginx/modules/ngx_rtmp_module.so",
  "/usr/share/nginx/modules/ngx_rtmp_module.so",
].find(existsSync);

/** One process without master or daemon: its pid is the server's. */
function configuration(port: number, options: RtmpServerOptions): string {
  return `
${MODULE ? `load_module ${MODULE};` : ""}
daemon off;
master_process off;
pid nginx.pid;
error_log stderr notice;
events { worker_connections 256; }
rtmp {
  access_log off;
  server {
    listen 127.0.0.1:${port};
    chunk_size 4096;
    application live {
      live on;
      wait_key on;
      sync 10ms;
      idle_streams ${options.idleStreams ? "on" : "off"};
      ${options.onPublish === "deny" ? "deny publish all;" : ""}
    }
  }
}
`;
}

export class RtmpServer extends Child {
  readonly port: number;
  readonly directory: string;

  constructor(port: number, directory: string) {
    super("nginx", ["-p", directory, "-c", "nginx.conf", "-e", "stderr"]);
    this.port = port;
    this.directory = directory;
    this.owns(directory);
  }

  url(key: string): string {
    return `rtmp://127.0.0.1:${this.port}/live/${key}`;
  }
}

async function attempt(
  port: number,
  options: RtmpServerOptions,
): Promise<RtmpServer> {
  const directory = await mkdtemp(join(tmpdir(), "rtsp-stream-rtmp-"));
  const text = configuration(port, options);
  await writeFile(join(directory, "nginx.conf"), text);
  const server = new RtmpServer(port, directory);
  await server.until(
    "RTMP server",
    async () => await answers(port) || undefined,
  );
  return server;
}

export async function startRtmpServer(
  options: RtmpServerOptions = {},
): Promise<RtmpServer> {
  if (options.port) return attempt(options.port, options);
  try {
    return await attempt(await freePort(), options);
  } catch {
    // Another process may have taken the free port in between.
    return attempt(await freePort(), options);
  }
}
