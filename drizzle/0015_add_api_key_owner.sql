ALTER TABLE "api_keys" ADD COLUMN "owner_id" text;--> statement-breakpoint
-- Keys whose maker is no user any more, or was the command line, stay without an owner and go on working.
UPDATE "api_keys" SET "owner_id" = "user"."id" FROM "user" WHERE "user"."email" = "api_keys"."created_by";
