import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { aborted, stopSignal } from "./stop-signal";

test("A process prints no warning when many of its loops wait for its stop", async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on("warning", note);
  try {
    const signal = stopSignal();
    for (let loop = 0; loop < 30; loop++) void aborted(signal);
    await setImmediate();
    expect(warnings).toEqual([]);
  } finally {
    process.off("warning", note);
  }
});
