CREATE TABLE "identity_keys" (
	"id" smallint PRIMARY KEY DEFAULT 1 NOT NULL,
	"key" "bytea" NOT NULL,
	"has_plain_ids" boolean NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "identity_keys_one_row" CHECK (id = 1)
);
--> statement-breakpoint
-- 244 random bits from PostgreSQL's secure generator, which requires no extension.
INSERT INTO "identity_keys" ("key", "has_plain_ids")
SELECT
	decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'),
	EXISTS (SELECT FROM "access_logs") OR EXISTS (SELECT FROM "user_activity_logs") OR EXISTS (SELECT FROM "archives")
		OR EXISTS (SELECT FROM "dead_letters") OR EXISTS (SELECT FROM "log_queue") OR EXISTS (SELECT FROM "intake_counters")
		OR EXISTS (SELECT FROM "workers");
