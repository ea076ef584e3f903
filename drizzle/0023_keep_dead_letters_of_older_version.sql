-- Only for databases that applied 0016 and 0019 in an earlier form, which no released version contains.
DO $$
BEGIN
	IF (
		SELECT atttypid = 'jsonb'::regtype FROM pg_attribute WHERE attrelid = 'dead_letters'::regclass AND attname = 'error'
	) THEN
		ALTER TABLE "dead_letters" ALTER COLUMN "error" SET DATA TYPE text;
	END IF;
END
$$;--> statement-breakpoint
ALTER TABLE "dead_letters" ADD COLUMN IF NOT EXISTS "csv_header" text;
