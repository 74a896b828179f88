/** The other readers, in their current releases, in a cache outside the repository. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "rtsp-stream-bench");
const VENV = join(CACHE, "python");
const NPM = join(CACHE, "npm");
/** The virtual environment's Python. */
export const PYTHON = join(VENV, "bin", "python");
/** The one that has the GObject bindings. */
export const SYSTEM_PYTHON = "/usr/bin/python3";
export const NODE_AV = join(NPM, "node_modules", "node-av", "dist", "index.js");
const INSTALL_TIMEOUT = 300_000;

export type PeerName =
  | "ffmpeg"
  | "GStreamer"
  | "OpenCV"
  | "PyAV"
  | "rtsp-stream (Python)"
  | "node-av"
  | "numpy";

export interface Peer {
  readonly name: PeerName;
  /** Undefined when it is missing. */
  readonly version?: string | undefined;
  /** Why it is missing. */
  readonly reason?: string | undefined;
}

const run = promisify(execFile);

interface Find {
  readonly reason: string;
  version(): Promise<string>;
}

const FIND: Readonly<Record<PeerName, Find>> = {
  "ffmpeg": { reason: "Debian has no ffmpeg here", version: ffmpegVersion },
  "GStreamer": { reason: "its Python bindings are not installed", version: gstreamerVersion },
  "OpenCV": {
    reason: "pip could not install opencv-python-headless",
    version: () => pipPackage("cv2", "opencv-python-headless", "numpy"),
  },
  "PyAV": {
    reason: "pip could not install av",
    version: () => pipPackage("av", "av", "numpy"),
  },
  "rtsp-stream (Python)": {
    reason: "pip could not install rtsp-stream",
    // Its dependency, OpenCV with windows, is replaced by the one without, as its page allows.
    version: () => pipPackage("rtsp_stream", "rtsp-stream", "--no-deps"),
  },
  "node-av": { reason: "npm could not install node-av", version: nodeAvVersion },
  "numpy": {
    reason: "pip could not install numpy",
    version: () => pipPackage("numpy", "numpy"),
  },
};

const READERS: readonly PeerName[] = [
  "ffmpeg",
  "GStreamer",
  "OpenCV",
  "PyAV",
  "rtsp-stream (Python)",
  "node-av",
];

/** Installs what is not there yet. Delete the cache directory to get newer releases. */
export async function installPeers(names: readonly PeerName[] = READERS): Promise<Peer[]> {
  mkdirSync(NPM, { recursive: true });
  const peers: Peer[] = [];
  for (const name of names) peers.push(await peer(name));
  return peers;
}

/** One sentence for the page: who is in, in which version, and who is not. */
export function describePeers(peers: readonly Peer[]): string {
  const present = peers.filter(({ version }) => version !== undefined);
  const missing = peers.filter(({ version }) => version === undefined);
  const versions = present.map(({ name, version }) => `${name} ${version}`).join(", ");
  const left = missing.map(({ name, reason }) => `${name} (${reason})`).join(", ");
  return `Compared: ${versions}.${left && ` Left out: ${left}.`}`;
}

export function isPresent(peers: readonly Peer[], name: PeerName | undefined): boolean {
  return name === undefined ||
    peers.some((peer) => peer.name === name && peer.version !== undefined);
}

async function peer(name: PeerName): Promise<Peer> {
  const { reason, version } = FIND[name];
  try {
    return { name, version: await version() };
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : error}`);
    return { name, reason };
  }
}

async function ffmpegVersion(): Promise<string> {
  const { stdout } = await run("ffmpeg", ["-version"]);
  return /version (\d[\d.]*)/.exec(stdout)?.[1] ?? "of unknown version";
}

async function gstreamerVersion(): Promise<string> {
  const script = 'import gi; gi.require_version("Gst", "1.0"); from gi.repository import Gst; ' +
    'gi.require_version("GstApp", "1.0"); print(Gst.version_string().split()[-1])';
  return (await run(SYSTEM_PYTHON, ["-c", script])).stdout.trim();
}

async function pipPackage(module: string, name: string, ...more: string[]): Promise<string> {
  if (!existsSync(PYTHON)) await run(SYSTEM_PYTHON, ["-m", "venv", VENV]);
  const script = `import ${module}; from importlib.metadata import version; ` +
    `print(version("${name}"))`;
  const find = async () => (await run(PYTHON, ["-c", script])).stdout.trim();
  return await find().catch(async () => {
    console.log(`Installing ${name}`);
    const options = { timeout: INSTALL_TIMEOUT };
    await run(PYTHON, ["-m", "pip", "install", "--quiet", "--upgrade", name, ...more], options);
    return await find();
  });
}

async function nodeAvVersion(): Promise<string> {
  if (!existsSync(NODE_AV)) {
    console.log("Installing node-av");
    // Its binary comes as a package; the scripts would fetch an ffmpeg command besides.
    const args = ["install", "--prefix", NPM, "--ignore-scripts", "--no-audit", "--no-fund"];
    await run("npm", [...args, "node-av@latest"], { timeout: INSTALL_TIMEOUT });
  }
  const path = join(NPM, "node_modules", "node-av", "package.json");
  const { version }: { version: string } = JSON.parse(readFileSync(path, "utf8"));
  await run("bun", ["-e", `await import(${JSON.stringify(NODE_AV)})`]);
  return version;
}
