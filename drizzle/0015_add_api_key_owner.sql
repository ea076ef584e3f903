ALTER TABLE "api_keys" ADD COLUMN "owner_id" text;--> statement-breakpoint
-- Keys created by deleted users or on the command line have no owner and remain valid.
UPDATE "api_keys" SET "owner_id" = "user"."id" FROM "user" WHERE "user"."email" = "api_keys"."created_by";
