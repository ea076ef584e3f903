import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "@/server/process/context";
import { isIntakeBusy } from "@/server/services/overview";

/** The share of one CPU that writing may use under load; the rest is a pause, of limited length. */
const BUSY_SHARE = 1 / 30;
const MAX_PAUSE_MS = 300_000;

/** Pauses after work of `took` milliseconds while many rows are inserted. */
export async function restUnderLoad(ctx: Context, took: number, signal: AbortSignal): Promise<void> {
  if (await isIntakeBusy(ctx)) await rest(Math.min(took * (1 / BUSY_SHARE - 1), MAX_PAUSE_MS), signal);
}

export async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}
