import postgres from "postgres";
import type { SqlExecutor } from "./client";
import { SQLSTATE } from "./sqlstate";
import { UnsuitableDatabase } from "./unsuitable-database";

/**
 * The protection of audit_log (docs/decisions/0029): a trigger that refuses changes, and an owner other than the
 * application's role. Dumps that are restored without owners or privileges lose them.
 */
interface Protection {
  readonly role: string;
  readonly owner: string;
  /** Whether the application has the rights of the owner of the table or of the trigger's function. */
  readonly is_own: boolean;
  readonly can_create_roles: boolean;
  /** Whether the trigger and its function refuse every change. */
  readonly is_guarded: boolean;
  readonly can_add: boolean;
  /** Whether the application has privileges beyond SELECT and INSERT, which an owner always has. */
  readonly can_change: boolean;
  /** Whether the table had a separate owner before. */
  readonly was_separate: boolean;
}

/** The name in monitoring_state that records that the table had a separate owner. */
export const AUDIT_OWNER = "audit_owner";

/** BEFORE UPDATE OR DELETE OR TRUNCATE, FOR EACH STATEMENT: the bits of pg_trigger.tgtype. */
const TRIGGER_TYPE = 58;
const FUNCTION_BODY = "BEGIN RAISE EXCEPTION 'audit_log takes no change'; END";

async function readProtection(sql: SqlExecutor): Promise<Protection> {
  const [found] = await sql<Protection[]>`
    with server as (
      select case when current_setting('server_version_num')::int < 160000 then 'MEMBER' else 'SET' end as right_to_set
    ),
    app as (
      select oid, rolname, rolsuper, rolcreaterole from pg_roles where rolname = current_user
    ),
    guard as (
      select tgfoid
      from pg_trigger
      join pg_proc on pg_proc.oid = tgfoid
      where tgrelid = 'audit_log'::regclass
        and tgname = 'audit_log_append_only'
        and tgenabled = 'A'
        and tgtype = ${TRIGGER_TYPE}
        and tgattr::text = ''
        and tgqual is null
        and btrim(regexp_replace(prosrc, '\\s+', ' ', 'g')) = ${FUNCTION_BODY}
    ),
    owners as (
      select relowner as owner from pg_class where oid = 'audit_log'::regclass
      union
      select proowner from pg_proc join guard on pg_proc.oid = tgfoid
    )
    select
      app.rolname as role,
      pg_get_userbyid(relowner) as owner,
      -- A superuser is a member of every role.
      exists (
        select from owners
        where owner = app.oid
          or not app.rolsuper
            and (pg_has_role(app.oid, owner, 'USAGE') or pg_has_role(app.oid, owner, server.right_to_set))
      ) as is_own,
      app.rolsuper or app.rolcreaterole as can_create_roles,
      exists (select from guard) as is_guarded,
      has_table_privilege(logs.oid, 'SELECT') and has_table_privilege(logs.oid, 'INSERT') as can_add,
      not app.rolsuper and (
        has_table_privilege(logs.oid, 'DELETE, TRUNCATE, TRIGGER') or has_any_column_privilege(logs.oid, 'UPDATE')
      ) as can_change,
      exists (select from monitoring_state where name = ${AUDIT_OWNER}) as was_separate
    from app
    cross join server
    cross join pg_class logs
    where logs.oid = 'audit_log'::regclass`;
  if (!found) throw new Error("PostgreSQL did not return the state of audit_log.");
  return found;
}

/** Returns why audit_log is not protected; undefined if it is, as far as the application's role allows. */
function problemOf(protection: Protection): string | undefined {
  const { role, owner, is_own, is_guarded, can_add, can_change, was_separate } = protection;
  if (!is_guarded) return "the trigger audit_log_append_only of the table audit_log is missing, disabled or changed";
  if (!can_add) return `the user ${role} cannot read the table audit_log and add rows to it`;
  if (is_own) return was_separate ? `the user ${role} became the owner of the table audit_log (${owner})` : undefined;
  return can_change ? `the user ${role} has the privilege to change the table audit_log` : undefined;
}

/** Returns whether the audit log has its protection, as far as the application's role allows. */
export async function isAuditProtected(sql: SqlExecutor): Promise<boolean> {
  return problemOf(await readProtection(sql)) === undefined;
}

/**
 * Restores the protection of the audit log where the application's role has the privileges, such as after a dump was
 * restored without owners. Changes nothing if it is complete.
 * @throws UnsuitableDatabase if it was lost and cannot be restored
 */
export async function protectAuditLog(sql: postgres.Sql): Promise<void> {
  const before = await readProtection(sql);
  const canImprove = problemOf(before) !== undefined || (before.is_own && before.can_create_roles);
  const after = canImprove && (await repair(sql)) ? await readProtection(sql) : before;
  const problem = problemOf(after);
  if (problem !== undefined) {
    throw new UnsuitableDatabase(
      `${problem}, so entries of the audit log could be changed. This happens when a dump is restored without owners, triggers or privileges. See "The audit log" in docs/backup.md.`,
    );
  }
  if (!after.is_own && !after.was_separate) {
    await sql`insert into monitoring_state (name, value) values (${AUDIT_OWNER}, 'separate') on conflict do nothing`;
  }
}

/** @returns false if the application's role lacks the privileges; nothing is changed then */
async function repair(sql: postgres.Sql): Promise<boolean> {
  try {
    await sql.unsafe(REPAIR);
    return true;
  } catch (error) {
    if (error instanceof postgres.PostgresError && error.code === SQLSTATE.insufficientPrivilege) return false;
    throw error;
  }
}

/** Does what drizzle/0008 does, with the rights of the present owner. */
const REPAIR = `
DO $$
DECLARE
  app text := current_user;
  is_superuser boolean := (SELECT rolsuper FROM pg_roles WHERE rolname = current_user);
  present text := (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'audit_log'::regclass);
  keeper text := 'batch_console_audit_' || (SELECT oid FROM pg_database WHERE datname = current_database());
BEGIN
  IF present <> app AND NOT is_superuser THEN
    EXECUTE format('GRANT %I TO %I', present, app);
  END IF;
  CREATE OR REPLACE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
	RAISE EXCEPTION 'audit_log takes no change';
END $body$;
  DROP TRIGGER IF EXISTS audit_log_append_only ON audit_log;
  CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only();
  ALTER TABLE audit_log ENABLE ALWAYS TRIGGER audit_log_append_only;
  BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = keeper) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', keeper);
    END IF;
    EXECUTE format('GRANT %I TO %I', keeper, app);
    EXECUTE format('GRANT CREATE ON SCHEMA %I TO %I', current_schema(), keeper);
    EXECUTE format('ALTER TABLE audit_log OWNER TO %I', keeper);
    EXECUTE format('ALTER FUNCTION audit_log_is_append_only() OWNER TO %I', keeper);
    EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM %I', current_schema(), keeper);
    EXECUTE format('SET LOCAL ROLE %I', keeper);
    EXECUTE format('REVOKE ALL ON audit_log FROM PUBLIC, %I', app);
    EXECUTE format('GRANT SELECT, INSERT ON audit_log TO %I', app);
    RESET ROLE;
    EXECUTE format('REVOKE %I FROM %I', keeper, app);
  EXCEPTION
    -- The trigger alone is repaired.
    WHEN insufficient_privilege THEN NULL;
  END;
  IF present <> app AND present <> keeper AND NOT is_superuser THEN
    EXECUTE format('REVOKE %I FROM %I', present, app);
  END IF;
END $$`;
