ALTER TABLE "access_logs" ALTER COLUMN "request_method" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "access_logs" ALTER COLUMN "request_method" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "access_logs" ALTER COLUMN "status_code" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "access_logs" ALTER COLUMN "status_code" DROP NOT NULL;