/**
 * What only Deno does.
 *
 * @module
 */

import { shortName } from "./module_blob.ts";
import { ProgramListeners } from "./program_listeners.ts";
import type { Lack, Runtime } from "./types.ts";
import { spawnWebWorker } from "./web_worker.ts";

/** Of the error of a thread that was not permitted something. */
const MISSING_FLAG = /run again with the (--allow-[a-z]+) flag/;

const isMainThread = !("WorkerGlobalScope" in globalThis);
/** From the import on: what the program does before it is not known. */
let listeners = isMainThread && "Deno" in globalThis ? new ProgramListeners() : undefined;

export const runtime: Runtime = {
  isMainThread,
  onExit(leave) {
    globalThis.addEventListener("unload", leave);
  },
  hasListener(signal) {
    return (listeners ??= new ProgramListeners()).has(signal);
  },
  onListener(onListener) {
    (listeners ??= new ProgramListeners()).onListener = onListener;
  },
  watchSignal(signal, onSignal) {
    const program = listeners ??= new ProgramListeners();
    const listener = () => onSignal(program.has(signal));
    program.add(signal, listener);
    return () => program.remove(signal, listener);
  },
  spawnWorker(module, { onMessage, onError }) {
    // A compiled program finds no blobs: denoland/deno#29962.
    return spawnWebWorker(Deno.build.standalone ? module : shortName(module), {
      onMessage,
      onError: (message, lack) => onError(message, MISSING_FLAG.exec(message)?.[1] as Lack ?? lack),
    });
  },
  missingFlags(module) {
    const mayCall = isGranted({ name: "ffi" }) || isGrantedNow({ name: "ffi" });
    // Deno itself would print an error and leave a thread that does nothing.
    return [...mayLoad(module) ? [] : ["--allow-read"], ...mayCall ? [] : ["--allow-ffi"]];
  },
  mayLookUp(host) {
    // Asking for what is not granted would prompt in a terminal.
    return isGranted({ name: "net", host });
  },
  mayConnect(host) {
    return isGranted({ name: "net", host: host.includes(":") ? `[${host}]` : host });
  },
  mayWrite(path) {
    return isGranted({ name: "write", path });
  },
};

/** What is compiled into the program, installed as a package or on the web is not read as a file. */
function mayLoad(module: URL): boolean {
  const isFile = module.protocol === "file:" && !module.pathname.includes("/node_modules/");
  if (!isFile || Deno.build.standalone) return true;
  // What a thread loads beside its module is in there.
  const sources = new URL("../../", import.meta.url);
  return isGranted({ name: "read", path: module }) ||
    isGrantedNow({ name: "read", path: sources });
}

function isGranted(descriptor: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(descriptor).state === "granted";
}

/** Asks the user in a terminal; elsewhere the answer is no. */
function isGrantedNow(descriptor: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.requestSync(descriptor).state === "granted";
}
