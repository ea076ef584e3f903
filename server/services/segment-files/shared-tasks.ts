import { makeTurns } from "@/server/columnar";
import { unlessAborted } from "@/server/lib/unless-aborted";

/** Work on files that several requests wait for, a limited number at once. */
export interface SharedTasks {
  /**
   * Waits for the task with this name, which is added to the queue unless it is there. A task that has started is
   * completed. One that has not is dropped when the signals of all that wait for it have aborted.
   * @throws the error of `work`, the signal's reason
   */
  run(name: string, work: () => Promise<void>, signal?: AbortSignal): Promise<void>;
}

interface Task {
  readonly done: Promise<void>;
  readonly dropped: AbortController;
  waiting: number;
  isStarted: boolean;
}

export function makeSharedTasks(atOnce: number): SharedTasks {
  const turns = makeTurns({ atOnce, perUser: atOnce });
  const tasks = new Map<string, Task>();

  function add(name: string, work: () => Promise<void>): Task {
    const dropped = new AbortController();
    const runInTurn = async () => {
      const end = await turns.take("tasks", dropped.signal);
      task.isStarted = true;
      try {
        await work();
      } finally {
        if (tasks.get(name) === task) tasks.delete(name);
        end();
      }
    };
    const task: Task = { dropped, waiting: 0, isStarted: false, done: Promise.resolve().then(runInTurn) };
    task.done.catch(() => {});
    tasks.set(name, task);
    return task;
  }

  return {
    async run(name, work, signal) {
      signal?.throwIfAborted();
      const task = tasks.get(name) ?? add(name, work);
      task.waiting++;
      try {
        await unlessAborted(task.done, signal);
      } finally {
        task.waiting--;
        if (task.waiting === 0 && !task.isStarted) {
          tasks.delete(name);
          task.dropped.abort();
        }
      }
    },
  };
}

interface FileTasks {
  readonly downloads: SharedTasks;
  readonly preparations: SharedTasks;
  /** Bytes of files whose download is not complete, by path. */
  readonly pendingBytes: Map<string, number>;
}

// Next bundles each route separately, so module-level variables would exist once per bundle.
const holder = globalThis as typeof globalThis & { __batchConsoleFileTasks?: FileTasks };

/** The tasks of this process. */
export function fileTasks(): FileTasks {
  holder.__batchConsoleFileTasks ??= {
    downloads: makeSharedTasks(2),
    preparations: makeSharedTasks(1),
    pendingBytes: new Map(),
  };
  return holder.__batchConsoleFileTasks;
}
