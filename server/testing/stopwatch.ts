/** The promised maximum time for any response, on an idle machine. */
export const ANSWER_MS = 15_000;
/** The promised maximum time until work continues after new connections work again, on an idle machine. */
export const RECOVERY_MS = 10_000;

const SAMPLE_EVERY_MS = 200;
const SAMPLE_CPU_MS = 2;

/**
 * Starts measuring time.
 * @returns a function that stops, and returns the milliseconds this would have taken on an idle machine: the elapsed
 * time divided by how many times slower processor time passes
 */
export function startStopwatch(): () => number {
  const started = performance.now();
  const samples = [slowness()];
  const timer = setInterval(() => samples.push(slowness()), SAMPLE_EVERY_MS);
  return () => {
    clearInterval(timer);
    const mean = samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
    return (performance.now() - started) / Math.max(mean, 1);
  };
}

/** Returns the elapsed time per processor time of a short calculation. */
function slowness(): number {
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  for (;;) {
    const { user, system } = process.cpuUsage(cpu);
    const used = (user + system) / 1_000;
    if (used >= SAMPLE_CPU_MS) return (performance.now() - started) / used;
  }
}
