import fc from "fast-check";

/**
 * Uses the same cases in every run, so that results depend only on the code. `SEED=random` generates other cases, and
 * `SEED=<number>` repeats those of a reported failure.
 */
const seed = process.env.SEED ?? "20261129";
if (seed !== "random") fc.configureGlobal({ seed: Number(seed) });
