import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { Logger } from "pino";
import { type ErrorValue, errorValue } from "@/server/catalog/errors";
import { causeCode } from "@/server/lib/errors";
import type { Place } from "./place";
import { publicAddress } from "./public-address";
import { DamagedXdb, openXdb, type Xdb } from "./xdb";

/** The names of the files, as ip2region publishes them. */
const FILES = { 4: "ip2region_v4.xdb", 6: "ip2region_v6.xdb" } as const;
/** How often the files are checked for changes. */
const CHECK_MS = 10_000;

export type PlaceLookup = (address: string) => Place | undefined;

/** The places of IP addresses, from databases that the operator supplies. */
export interface Geolocation {
  /** The lookup in the current files; undefined if there is no file. */
  lookup(): Promise<PlaceLookup | undefined>;
  /** Why addresses have no places, or old ones; null without a problem. */
  problem(): Promise<ErrorValue | null>;
}

interface Source {
  readonly version: 4 | 6;
  readonly file: string;
  /** Size and times of the file that was read last. */
  seen?: string;
  /** Remains until another file was read completely, or there is none. */
  xdb?: Xdb;
  problem?: ErrorValue;
}

/**
 * Creates the lookup of places. Files are read into memory at first use, and again after they changed. No failure
 * affects the caller.
 */
export function makeGeolocation(folder: string, log: Logger, checkMs = CHECK_MS): Geolocation {
  const v4: Source = { version: 4, file: path.join(folder, FILES[4]) };
  const v6: Source = { version: 6, file: path.join(folder, FILES[6]) };
  let checkedAt = Number.NEGATIVE_INFINITY;
  let checking: Promise<void> | undefined;
  let isFirst = true;

  const check = (): Promise<void> | undefined => {
    if (!checking && performance.now() - checkedAt >= checkMs) {
      checking = Promise.all([update(v4, log), update(v6, log)]).then(() => {
        if (isFirst && !v4.seen && !v6.seen) log.warn(`geolocation: ${FILES[4]} and ${FILES[6]} are missing`);
        isFirst = false;
        checkedAt = performance.now();
        checking = undefined;
      });
    }
    return checking;
  };
  const find: PlaceLookup = (text) => {
    const address = publicAddress(text);
    if (address === undefined) return undefined;
    return (typeof address === "number" ? v4 : v6).xdb?.find(address);
  };
  return {
    lookup: async () => {
      const running = check();
      // Changed files are read while the previous ones are used.
      if (isFirst) await running;
      return v4.xdb || v6.xdb ? find : undefined;
    },
    problem: async () => {
      await check();
      if (!v4.seen && !v6.seen) return errorValue("health.geolocation_missing", { v4: FILES[4], v6: FILES[6] });
      return v4.problem ?? v6.problem ?? null;
    },
  };
}

/** Reads the file if it changed. Never throws. */
async function update(source: Source, log: Logger): Promise<void> {
  const name = FILES[source.version];
  const fail = (problem: ErrorValue, reason: string) => {
    source.problem = problem;
    log.warn(`geolocation: ${name} is not used: ${reason}`);
  };
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(source.file);
    const seen = [ino, size, mtimeMs, ctimeMs].join(":");
    if (source.seen === seen) return;
    source.seen = seen;
    source.xdb = await openXdb(await readFile(source.file), source.version);
    source.problem = undefined;
    log.info(`geolocation: ${name} was read`);
  } catch (error) {
    const reason = causeCode(error) ?? "unknown";
    if (reason === "ENOENT" || reason === "ENOTDIR") {
      if (source.seen) log.warn(`geolocation: ${name} was removed`);
      source.seen = source.xdb = source.problem = undefined;
    } else if (error instanceof DamagedXdb) {
      fail(errorValue("health.geolocation_damaged", { file: name }), error.message);
    } else {
      const problem = errorValue("health.geolocation_unreadable", { file: name, reason });
      source.seen = reason;
      if (source.problem?.code !== problem.code) fail(problem, reason);
    }
  }
}
