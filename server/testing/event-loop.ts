/** What a process used of the CPU, in milliseconds: unlike a clock it does not go on while others have the machine. */
function usedCpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/**
 * The longest time, in milliseconds of CPU, that the event loop was at one turn while `work` went on: so long nobody
 * else was answered. Garbage collection and other threads count too, so it is rather too much than too little.
 */
export async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let isOver = false;
  const watch = (before: number) => {
    setImmediate(() => {
      const now = usedCpu();
      longest = Math.max(longest, now - before);
      if (!isOver) watch(usedCpu());
    });
  };
  watch(usedCpu());
  try {
    await work();
  } finally {
    isOver = true;
  }
  await new Promise((resolve) => setImmediate(resolve));
  return longest;
}
