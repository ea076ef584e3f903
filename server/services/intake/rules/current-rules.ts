import type { LogTableName } from "@/server/catalog";
import type { Database } from "@/server/db/client";
import { within } from "@/server/lib/within";
import type { Context } from "@/server/process/context";
import { intakeRule } from "../contract";
import { compileRules, type RuleSet } from "./rule-set";

/** How often a process that takes in events looks for changed rules. */
const CHECK_MS = 2_000;
/** Rules that were not checked for longer are checked before they are used, except while PostgreSQL does not respond. */
const MAX_AGE_MS = 6_000;
const MAX_WAIT_MS = 2_000;

interface Known {
  rules: RuleSet;
  /** When it was read, and when reading was last started, in milliseconds of performance.now(). */
  readAt: number;
  startedAt: number;
  reading?: Promise<void>;
}

const known = new WeakMap<Database, Map<string, Known>>();

/**
 * The rules of a table, as of a few seconds ago. While PostgreSQL is unavailable, the last known ones.
 * @throws database errors if they were never read
 */
export async function currentRules(ctx: Pick<Context, "config" | "db">, table: LogTableName): Promise<RuleSet> {
  const tables = known.get(ctx.db) ?? new Map<string, Known>();
  known.set(ctx.db, tables);
  const key = `${table} ${ctx.config.timeZone}`;
  const entry = tables.get(key);
  const now = performance.now();
  if (!entry) {
    const rules = await readRules(ctx, table, undefined);
    tables.set(key, { rules, readAt: performance.now(), startedAt: now });
    return rules;
  }
  if (now - entry.startedAt >= CHECK_MS) {
    entry.startedAt = now;
    entry.reading ??= readRules(ctx, table, entry.rules)
      .then((rules) => {
        entry.readAt = performance.now();
        // One that started before the rules were changed may end after one that started later.
        if (rules.version >= entry.rules.version) entry.rules = rules;
      })
      .catch(() => {})
      .finally(() => {
        entry.reading = undefined;
      });
    if (now - entry.readAt > MAX_AGE_MS) await within(entry.reading, MAX_WAIT_MS);
  }
  return entry.rules;
}

/** Makes the next event of this process read the rules again. */
export function expireRules(db: Database): void {
  for (const entry of known.get(db)?.values() ?? []) {
    entry.startedAt = Number.NEGATIVE_INFINITY;
    entry.readAt = Number.NEGATIVE_INFINITY;
    entry.reading = undefined;
  }
}

async function readRules(
  ctx: Pick<Context, "config" | "db">,
  table: LogTableName,
  last: RuleSet | undefined,
): Promise<RuleSet> {
  const [row] = await ctx.db.sql<{ version: number; rules: unknown }[]>`
    select version, rules from intake_rules where log_table = ${table} order by version desc limit 1`;
  const version = row?.version ?? 0;
  if (version === last?.version) return last;
  return compileRules(table, version, intakeRule.array().parse(row?.rules ?? []), ctx.config.timeZone);
}
