/** The events of one sender that are read and not stored. */
export interface Account {
  /** Adds the size of an event. */
  add(bytes: number): void;
  /** Removes the size of an event that is stored, or lost. */
  release(bytes: number): void;
  isFull(): boolean;
  /** Resolves when it is not full. */
  room(): Promise<void>;
}

/** Creates the account of a sender, who waits while the unstored events have `maxBytes` or more. */
export function makeAccount(maxBytes: number): Account {
  let unstored = 0;
  let waiting: (() => void)[] = [];
  const isFull = () => unstored >= maxBytes;
  return {
    add: (bytes) => {
      unstored += bytes;
    },
    release: (bytes) => {
      unstored -= bytes;
      if (isFull()) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
    isFull,
    room: async () => {
      while (isFull()) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}
