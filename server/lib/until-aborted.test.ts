import { expect, test } from "vitest";
import { untilAborted } from "./until-aborted";

const chunk = Buffer.from("x");
const never = () => new Promise<never>(() => {});

/** Yields one chunk, then waits forever. */
async function* stalled() {
  yield chunk;
  await never();
}

test("An abort ends the reading of a source that never continues", async () => {
  const stop = new AbortController();
  const chunks = untilAborted(stalled(), stop.signal);
  await chunks.next();
  const next = chunks.next();
  stop.abort(new Error("stopped"));
  await expect(next).rejects.toThrow("stopped");
});

test("An abort while the consumer processes a chunk ends the reading at the next one", async () => {
  const stop = new AbortController();
  const chunks = untilAborted(stalled(), stop.signal);
  await chunks.next();
  stop.abort(new Error("stopped"));
  await expect(chunks.next()).rejects.toThrow("stopped");
});

test("An abort before the first chunk reads nothing", async () => {
  const chunks = untilAborted(stalled(), AbortSignal.abort(new Error("stopped")));
  await expect(chunks.next()).rejects.toThrow("stopped");
});
