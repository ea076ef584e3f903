import { StartError } from "@/server/process/start-error";
import type { Database, Pool, SqlExecutor } from "./client";
import { transactionSetting } from "./prologue";

/** Settings that a pooler or a socket of the file system may change without harm. */
const UNCHECKED: ReadonlySet<string> = new Set([
  "application_name",
  "idle_session_timeout",
  "tcp_keepalives_idle",
  "tcp_keepalives_interval",
  "tcp_keepalives_count",
]);

/**
 * Checks on each kind of pool that PostgreSQL applies its time limits, its read-only guard and its other settings, to
 * single statements and to transactions. Parameters in DATABASE_URL and poolers can remove them.
 * @throws StartError with a line for the user
 */
export async function requireEffectiveSettings({ kinds }: Database): Promise<void> {
  for (const pool of kinds) {
    await requireEffective(pool, pool.sql);
    await pool.sql.begin((tx) => requireEffective(pool, tx));
  }
}

async function requireEffective({ name, settings }: Pool, sql: SqlExecutor): Promise<void> {
  const expected = new Map(
    Object.entries(settings)
      .filter(([setting]) => !UNCHECKED.has(setting))
      .map(([setting, value]) => [transactionSetting(setting), shown(value)]),
  );
  const rows = await sql<{ name: string; setting: string }[]>`
    select name, setting from pg_settings where name = any(${[...expected.keys()]}::text[])`;
  const effective = new Map(rows.map((row) => [row.name, row.setting]));
  for (const [setting, value] of expected) {
    const actual = effective.get(setting);
    if (actual === value) continue;
    throw new StartError(
      `The connections to PostgreSQL for ${name} have the setting ${setting} = ${actual ?? "(unknown)"} instead of ${value}. Remove ${setting} from DATABASE_URL if it is there; a pooler or proxy must apply the settings of each transaction.`,
    );
  }
}

/** The value as in pg_settings. */
function shown(value: string | number | boolean): string {
  return typeof value === "boolean" ? (value ? "on" : "off") : String(value);
}
