/** A registry of npm on loopback: this package as it would be published, and what it needs. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { makeNpmForm } from "../../../pack/npm_form.ts";
import { ROOT } from "../../../pack/sources.ts";
import { output } from "../../support/command.ts";

interface Published {
  readonly manifest: { readonly name: string; readonly version: string };
  readonly bytes: Uint8Array;
}

export class Registry implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}/`;
  }

  /** @param directory for what is packed */
  static async start(directory: string): Promise<Registry> {
    await mkdir(directory, { recursive: true });
    const own = await unpacked(await makeNpmForm(directory), join(directory, "own"));
    const { dependencies = {} } = own.manifest as { dependencies?: Record<string, string> };
    const needed = Object.keys(dependencies).map((name, i) => installed(name, directory, i));
    const packages = new Map<string, Published>();
    for (const one of [own, ...await Promise.all(needed)]) packages.set(one.manifest.name, one);

    const server = createServer((request, response) => {
      const host = `http://${request.headers.host}`;
      const [, path = ""] = decodeURIComponent(request.url ?? "").split(/^\//);
      const found = packages.get(path.replace(/\/-\.tgz$/, ""));
      if (!found) return void response.writeHead(404).end("{}");
      if (path.endsWith(".tgz")) return void response.end(found.bytes);
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(document(found, `${host}/${path}/-.tgz`)));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return new Registry(server, address.port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** What a registry tells of a package. */
function document({ manifest, bytes }: Published, tarball: string): unknown {
  const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  const shasum = createHash("sha1").update(bytes).digest("hex");
  const { name, version } = manifest;
  const dist = { tarball, integrity, shasum };
  return { name, "dist-tags": { latest: version }, versions: { [version]: { ...manifest, dist } } };
}

async function unpacked(file: string, directory: string): Promise<Published> {
  await mkdir(directory, { recursive: true });
  await output(file, "tar", "-xzf", file, "-C", directory, "package/package.json");
  const text = await readFile(join(directory, "package/package.json"), "utf8");
  return { manifest: JSON.parse(text), bytes: await readFile(file) };
}

/** A package that this project has installed. */
async function installed(name: string, directory: string, index: number): Promise<Published> {
  const from = join(ROOT, "node_modules", name);
  const file = join(directory, `needed-${index}.tgz`);
  await output(name, "tar", "-czf", file, "--transform=s,^\\.,package,", "-C", from, ".");
  const manifest = JSON.parse(readFileSync(join(from, "package.json"), "utf8"));
  return { manifest, bytes: await readFile(file) };
}
