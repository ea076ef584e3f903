CREATE TABLE "account" (
	"id" text PRIMARY KEY NOT NULL,
	"account_id" text NOT NULL,
	"provider_id" text NOT NULL,
	"user_id" text NOT NULL,
	"access_token" text,
	"refresh_token" text,
	"id_token" text,
	"access_token_expires_at" timestamp with time zone,
	"refresh_token_expires_at" timestamp with time zone,
	"scope" text,
	"password" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "api_keys" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"prefix" text NOT NULL,
	"key_hash" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" text,
	"expires_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "api_keys_key_hash_unique" UNIQUE("key_hash")
);
--> statement-breakpoint
CREATE TABLE "rate_limit" (
	"id" text PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"count" integer NOT NULL,
	"last_request" bigint NOT NULL,
	CONSTRAINT "rate_limit_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "session" (
	"id" text PRIMARY KEY NOT NULL,
	"token" text NOT NULL,
	"user_id" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"ip_address" text,
	"user_agent" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "session_token_unique" UNIQUE("token")
);
--> statement-breakpoint
CREATE TABLE "user" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"email" text NOT NULL,
	"email_verified" boolean DEFAULT false NOT NULL,
	"image" text,
	"role" text DEFAULT 'viewer' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "user_email_unique" UNIQUE("email")
);
--> statement-breakpoint
CREATE TABLE "verification" (
	"id" text PRIMARY KEY NOT NULL,
	"identifier" text NOT NULL,
	"value" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "dead_letters" (
	"id" uuid PRIMARY KEY NOT NULL,
	"queue" text NOT NULL,
	"payload" text NOT NULL,
	"format" text NOT NULL,
	"csv_header" text,
	"error" text NOT NULL,
	"source" text,
	"line" bigint,
	"attempts" integer DEFAULT 1 NOT NULL,
	"first_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "intake_counters" (
	"queue" text NOT NULL,
	"bucket" timestamp with time zone NOT NULL,
	"shard" smallint NOT NULL,
	"received" bigint DEFAULT 0 NOT NULL,
	"inserted" bigint DEFAULT 0 NOT NULL,
	"duplicates" bigint DEFAULT 0 NOT NULL,
	"dead" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "intake_counters_queue_bucket_shard_pk" PRIMARY KEY("queue","bucket","shard"),
	CONSTRAINT "intake_counters_sum" CHECK (received = inserted + duplicates + dead)
);
--> statement-breakpoint
CREATE TABLE "log_queue" (
	"queue" text NOT NULL,
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "log_queue_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"payload" text NOT NULL,
	"enqueued_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "log_queue_queue_seq_pk" PRIMARY KEY("queue","seq")
);
--> statement-breakpoint
CREATE TABLE "queue_states" (
	"queue" text PRIMARY KEY NOT NULL,
	"paused" boolean DEFAULT false NOT NULL,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"changed_by" text
);
--> statement-breakpoint
CREATE TABLE "settled_claims" (
	"claim_id" uuid PRIMARY KEY NOT NULL,
	"settled_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "undated_events" (
	"queue" text NOT NULL,
	"event_id" uuid NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "undated_events_queue_event_id_pk" PRIMARY KEY("queue","event_id")
);
--> statement-breakpoint
CREATE TABLE "workers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"host" text NOT NULL,
	"pid" integer NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"current" jsonb
);
--> statement-breakpoint
-- drizzle-kit does not support partitions and collations, so the two log tables are written by hand: partitioned by
-- month of created_at (server/db/partitions.ts), with text in byte order ("C"), so that prefix filters and keyset
-- comparisons can use the indexes under any database locale.
CREATE TABLE "access_logs" (
	"id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"user_id" text COLLATE "C",
	"session_id" varchar(64) COLLATE "C",
	"ip_address" "inet" NOT NULL,
	"user_agent" text COLLATE "C",
	"referer" text COLLATE "C",
	"request_path" text COLLATE "C" NOT NULL,
	"request_method" varchar(10) COLLATE "C" DEFAULT 'GET' NOT NULL,
	"status_code" integer DEFAULT 200 NOT NULL,
	"response_time" integer,
	"device_type" varchar(50) COLLATE "C",
	"browser" varchar(100) COLLATE "C",
	"os" varchar(100) COLLATE "C",
	"country" varchar(100) COLLATE "C",
	"region" varchar(100) COLLATE "C",
	"city" varchar(100) COLLATE "C",
	"extra" jsonb,
	CONSTRAINT "access_logs_pkey" PRIMARY KEY("created_at","id")
) PARTITION BY RANGE ("created_at");
--> statement-breakpoint
CREATE TABLE "user_activity_logs" (
	"id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"user_id" text COLLATE "C" NOT NULL,
	"action" varchar(100) COLLATE "C" NOT NULL,
	"resource_type" varchar(255) COLLATE "C",
	"resource_id" text COLLATE "C",
	"details" jsonb,
	"ip_address" varchar(255) COLLATE "C",
	"user_agent" text COLLATE "C",
	"session_id" varchar(255) COLLATE "C",
	"extra" jsonb,
	CONSTRAINT "user_activity_logs_pkey" PRIMARY KEY("created_at","id")
) PARTITION BY RANGE ("created_at");
--> statement-breakpoint
ALTER TABLE "account" ADD CONSTRAINT "account_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session" ADD CONSTRAINT "session_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "account_user_id_idx" ON "account" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "session_user_id_idx" ON "session" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "verification_identifier_idx" ON "verification" USING btree ("identifier");--> statement-breakpoint
CREATE INDEX "dead_letters_queue_last_seen_at_idx" ON "dead_letters" USING btree ("queue","last_seen_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "dead_letters_queue_error_idx" ON "dead_letters" USING btree ("queue","error","last_seen_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "settled_claims_settled_at_idx" ON "settled_claims" USING btree ("settled_at");--> statement-breakpoint
CREATE INDEX "undated_events_created_at_idx" ON "undated_events" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "access_logs_user_id_idx" ON "access_logs" USING btree (left("user_id", 256),"created_at" DESC NULLS FIRST) WHERE "access_logs"."user_id" is not null;--> statement-breakpoint
CREATE INDEX "access_logs_status_code_idx" ON "access_logs" USING btree ("status_code","created_at" DESC NULLS FIRST) WHERE "access_logs"."status_code" >= 400;--> statement-breakpoint
CREATE INDEX "access_logs_ip_address_idx" ON "access_logs" USING btree ("ip_address","created_at" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "access_logs_request_path_idx" ON "access_logs" USING btree (left("request_path", 256),"created_at" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "user_activity_logs_user_id_idx" ON "user_activity_logs" USING btree (left("user_id", 256),"created_at" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "user_activity_logs_action_idx" ON "user_activity_logs" USING btree ("action","created_at" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "user_activity_logs_resource_idx" ON "user_activity_logs" USING btree ("resource_type",left("resource_id", 256),"created_at" DESC NULLS FIRST) WHERE "user_activity_logs"."resource_type" is not null;--> statement-breakpoint
-- Millions of rows are inserted and deleted. Vacuum by number rather than by share, so that claims scan few dead rows.
ALTER TABLE "log_queue" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_cost_delay = 0);--> statement-breakpoint
ALTER TABLE "intake_counters" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, fillfactor = 50);
