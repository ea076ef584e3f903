import type { Context } from "@/server/process/context";
import type { Machine } from "./network";

/** A running installation on several machines. */
export interface Site {
  /** The observer's context. */
  readonly ctx: Context;
  readonly urls: readonly string[];
  readonly key: string;
  readonly machines: readonly Machine[];
}
