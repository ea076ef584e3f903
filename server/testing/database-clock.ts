import postgres from "postgres";

/**
 * Sets the result of now() in this database for new sessions. The name resolves to a function of the tests, so the
 * product's statements run unchanged. clock_timestamp() and column defaults use the real time.
 * @param at null to restore the real time
 */
export async function setDatabaseClock(url: string, at: Date | null): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe("create schema if not exists test_clock");
    await sql.unsafe("create table if not exists test_clock.setting (at timestamptz)");
    await sql.unsafe(`
      create or replace function test_clock.now() returns timestamptz language sql stable as
      'select coalesce((select at from test_clock.setting), pg_catalog.now())'`);
    await sql.unsafe("truncate test_clock.setting");
    await sql`insert into test_clock.setting values (${at?.toISOString() ?? null})`;
    const [{ name } = { name: "" }] = await sql<{ name: string }[]>`select current_database() as name`;
    await sql`alter database ${sql(name)} set search_path = public, test_clock, pg_catalog`;
  } finally {
    await sql.end();
  }
}
