ALTER TABLE "session" ADD COLUMN "last_seen_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "user" ADD COLUMN "disabled_at" timestamp with time zone;--> statement-breakpoint
DROP INDEX "audit_log_at_idx";--> statement-breakpoint
DROP INDEX "audit_log_action_idx";--> statement-breakpoint
ALTER TABLE "audit_log" RENAME COLUMN "at" TO "created_at";--> statement-breakpoint
ALTER TABLE "audit_log" DROP COLUMN "id";--> statement-breakpoint
ALTER TABLE "audit_log"
	ADD COLUMN "id" uuid DEFAULT gen_random_uuid() NOT NULL,
	ALTER COLUMN "created_at" SET DEFAULT clock_timestamp(),
	ALTER COLUMN "actor_kind" SET DATA TYPE text COLLATE "C",
	ALTER COLUMN "actor_id" SET DATA TYPE text COLLATE "C",
	ALTER COLUMN "actor_name" SET DATA TYPE text COLLATE "C",
	ALTER COLUMN "action" SET DATA TYPE text COLLATE "C",
	ADD COLUMN "result" text COLLATE "C" DEFAULT 'ok' NOT NULL,
	ADD COLUMN "ip_address" "inet",
	ADD COLUMN "user_agent" text,
	ADD CONSTRAINT "audit_log_pkey" PRIMARY KEY("created_at","id");--> statement-breakpoint
CREATE INDEX "audit_log_action_idx" ON "audit_log" USING btree (left("action", 256),"created_at" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "audit_log_ip_address_idx" ON "audit_log" USING btree ("ip_address","created_at" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "audit_log_values_idx" ON "audit_log" USING gin ((array[left("actor_name", 256)]),(array[("actor_kind")::text]),(array[left("actor_id", 256)]),(array[("result")::text]),(array[date_part('day', created_at - '1970-01-01 00:00:00+00'::timestamptz)::int])) WITH (gin_pending_list_limit=512);--> statement-breakpoint
-- Includes sessions in replica mode, in which ordinary triggers do not fire.
ALTER TABLE "audit_log" ENABLE ALWAYS TRIGGER "audit_log_append_only";--> statement-breakpoint
-- If this role can create others, the table and the trigger's function get an owner without login, and this role can
-- only read and insert (docs/decisions/0029). Roles belong to the server, so the owner's name contains the database.
DO $$
DECLARE
	app text := current_user;
	keeper text := 'batch_console_audit_' || (SELECT oid FROM pg_database WHERE datname = current_database());
BEGIN
	EXECUTE format('CREATE ROLE %I NOLOGIN', keeper);
	EXECUTE format('GRANT %I TO %I', keeper, app);
	EXECUTE format('GRANT CREATE ON SCHEMA %I TO %I', current_schema(), keeper);
	EXECUTE format('ALTER TABLE "audit_log" OWNER TO %I', keeper);
	EXECUTE format('ALTER FUNCTION "audit_log_is_append_only"() OWNER TO %I', keeper);
	EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM %I', current_schema(), keeper);
	EXECUTE format('SET LOCAL ROLE %I', keeper);
	EXECUTE format('REVOKE ALL ON "audit_log" FROM PUBLIC, %I', app);
	EXECUTE format('GRANT SELECT, INSERT ON "audit_log" TO %I', app);
	RESET ROLE;
	EXECUTE format('REVOKE %I FROM %I', keeper, app);
EXCEPTION
	WHEN insufficient_privilege OR duplicate_object THEN
		RAISE NOTICE 'audit_log stays with its owner: %', SQLERRM;
END $$;
