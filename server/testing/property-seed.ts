import fc from "fast-check";

/**
 * The same cases in every run, so that a run depends on the change alone. `SEED=random` draws others,
 * and `SEED=<number>` repeats the ones that a failure named.
 */
const seed = process.env.SEED ?? "20261129";
if (seed !== "random") fc.configureGlobal({ seed: Number(seed) });
