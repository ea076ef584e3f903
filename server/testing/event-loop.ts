/** What a process used of the CPU, in milliseconds: unlike a clock it does not go on while others have the machine. */
function usedCpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/**
 * The longest time, in milliseconds, that the event loop was at one turn while `work` went on: so long nobody else was
 * answered. It is the CPU's time, so that a busy machine changes nothing, and no longer than the clock's, since garbage
 * collection and other threads have CPU time too.
 */
export async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let isOver = false;
  const watch = () => {
    const started = performance.now();
    const before = usedCpu();
    setImmediate(() => {
      longest = Math.max(longest, Math.min(usedCpu() - before, performance.now() - started));
      if (!isOver) watch();
    });
  };
  watch();
  try {
    await work();
  } finally {
    isOver = true;
  }
  await new Promise((resolve) => setImmediate(resolve));
  return longest;
}
