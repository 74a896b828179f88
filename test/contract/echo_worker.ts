/** A thread that answers with what it is sent, and breaks when it is told to. */

interface Scope {
  onmessage: ((event: MessageEvent<unknown>) => void) | null;
  postMessage(message: unknown): void;
}

const scope = globalThis as unknown as Scope;

scope.onmessage = ({ data }) => {
  if (data === "break") throw new Error("broken on purpose");
  scope.postMessage(data);
};
