CREATE TABLE "process_clocks" (
	"process" text PRIMARY KEY NOT NULL,
	"difference_ms" double precision NOT NULL,
	"queue_difference_ms" double precision,
	"read_at" timestamp with time zone NOT NULL
);
