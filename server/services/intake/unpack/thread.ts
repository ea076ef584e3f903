import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { ThreadAnswer, ThreadRequest, UnpackTask } from "./thread-messages";
import { unxz } from "./unxz";
import { unzstd } from "./unzstd";

/** Thread entry point: unpacks what it reads from the thread that started it. */
const port = parentPort;
if (!port) throw new Error("This runs as a worker thread.");
const { format, answers, wake }: UnpackTask = workerData;

/** Blocks that were not taken yet. */
const MAX_AHEAD = 2;
let ahead = 0;
let isAtEnd = false;

const post = (request: ThreadRequest) => port.postMessage(request);

function receive(): ThreadAnswer {
  for (;;) {
    const seen = Atomics.load(wake, 0);
    const received: { message: ThreadAnswer } | undefined = receiveMessageOnPort(answers);
    if (received) return received.message;
    Atomics.wait(wake, 0, seen);
  }
}

function read(): Uint8Array | undefined {
  post({ kind: "read" });
  for (;;) {
    const answer = receive();
    if (answer.kind === "taken") ahead--;
    else {
      isAtEnd = answer.bytes === undefined;
      return answer.bytes;
    }
  }
}

async function run(): Promise<void> {
  const decode = { xz: unxz, zstd: unzstd }[format];
  for await (const bytes of decode(read)) {
    if (bytes.length === 0) continue;
    // While a block is posted, every answer is for a block.
    while (ahead >= MAX_AHEAD) if (receive().kind === "taken") ahead--;
    ahead++;
    post({ kind: "block", bytes });
  }
}

run()
  .then(
    () => post({ kind: "end" }),
    (error: unknown) => post({ kind: "failed", reason: isAtEnd ? "cut_off" : "damaged", detail: String(error) }),
  )
  .finally(() => port.close());
