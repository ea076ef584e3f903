import postgres from "postgres";

/**
 * Sets PostgreSQL's clock for whoever asks for now() in this database from their next session on: the name resolves to
 * a function of ours, so that the product's own statements run unchanged. clock_timestamp() and the defaults of columns
 * keep the real time.
 * @param at null for the real time again
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
