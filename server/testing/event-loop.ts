/**
 * Returns the CPU time used by this process in milliseconds. Unlike wall-clock time, it is independent of other
 * processes.
 */
function usedCpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/**
 * Returns the longest time in milliseconds for which `work` blocks the event loop. Measures CPU time, to be independent
 * of the machine's load; capped by wall-clock time, because garbage collection and other threads use CPU time too.
 */
export async function longestBlock(work: () => Promise<unknown>): Promise<number> {
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
