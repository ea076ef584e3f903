CREATE TABLE "collectors" (
	"host" text NOT NULL,
	"port" integer NOT NULL,
	"id" uuid NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"last_seen_at" timestamp with time zone NOT NULL,
	CONSTRAINT "collectors_host_port_pk" PRIMARY KEY("host","port")
);
