import type { ColumnarRow } from "./engine";

/** A cancelled statement rejects after this time also if the engine has not confirmed that it ended. */
const CONFIRM_MS = 800;
/** Blocks that are requested ahead of the consumer. */
const BLOCKS_AHEAD = 2;

/** A statement that the engine's process runs. */
export interface Run {
  readonly blocks: ReadableStream<ColumnarRow[]>;
  /** Resolves when the process no longer runs it. */
  readonly ended: Promise<void>;
  addBlock(rows: ColumnarRow[]): void;
  /** Reports that the process no longer runs it. */
  end(error?: Error): void;
  /** Ends `blocks` with `reason` within a second. */
  cancel(reason: unknown): Promise<void>;
}

interface Requests {
  readonly requestBlock: () => void;
  readonly requestCancel: () => void;
}

export function makeRun({ requestBlock, requestCancel }: Requests): Run {
  let onEnded = () => {};
  let isEnded = false;
  let isSettled = false;
  let cancelled: { readonly reason: unknown } | undefined;
  const ended = new Promise<void>((resolve) => {
    onEnded = resolve;
  });
  let controller: ReadableStreamDefaultController<ColumnarRow[]> | undefined;

  function settle(change: (controller: ReadableStreamDefaultController<ColumnarRow[]>) => void): void {
    if (isSettled || !controller) return;
    isSettled = true;
    change(controller);
  }

  async function cancel(reason: unknown): Promise<void> {
    if (isEnded || cancelled) {
      settle((to) => to.error(reason));
      return;
    }
    cancelled = { reason };
    requestCancel();
    await confirmed(ended);
    settle((to) => to.error(reason));
  }

  const blocks = new ReadableStream<ColumnarRow[]>(
    {
      start: (created) => {
        controller = created;
      },
      pull: requestBlock,
      cancel: async (reason) => {
        isSettled = true;
        await cancel(reason);
      },
    },
    { highWaterMark: BLOCKS_AHEAD },
  );
  return {
    blocks,
    ended,
    addBlock: (rows) => {
      if (!isSettled && !cancelled) controller?.enqueue(rows);
    },
    end: (error) => {
      isEnded = true;
      onEnded();
      if (cancelled) settle((to) => to.error(cancelled?.reason));
      else if (error) settle((to) => to.error(error));
      else settle((to) => to.close());
    },
    cancel,
  };
}

async function confirmed(ended: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CONFIRM_MS);
  });
  await Promise.race([ended, timeout]);
  clearTimeout(timer);
}
