-- Errors were stored as sentences; each becomes a code with its params. The functions exist for this migration only.
CREATE FUNCTION "error_of_sentence"(sentence text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	known record;
	found text[];
	params jsonb := '{}';
	name text;
	field text[] := regexp_match(sentence, '^([\w.]+): (.*)\.$');
BEGIN
	IF sentence IS NULL THEN RETURN NULL; END IF;
	FOR known IN SELECT * FROM (VALUES
		('intake.interrupted', '^(.+) The first (-?[0-9][0-9.,]*) records were taken before \((?:import ([0-9]+): )?([0-9]+) queued, ([0-9]+) inserted, ([0-9]+) duplicates, ([0-9]+) rejected\); sent again, they are not stored twice\.$', '{reason,received:n,import_id:n,queued:n,inserted:n,duplicates:n,rejected:n}'),
		('intake.interrupted_untraceable', '^(.+) The first (-?[0-9][0-9.,]*) records were taken before \((?:import ([0-9]+): )?([0-9]+) queued, ([0-9]+) inserted, ([0-9]+) duplicates, ([0-9]+) rejected\); sent again, those that bring neither a time nor an id are stored once more\.$', '{reason,received:n,import_id:n,queued:n,inserted:n,duplicates:n,rejected:n}'),
		('event.missing', '^(\w+): missing$', '{field}'),
		('event.not_object', '^(\w+): not a JSON object$', '{field}'),
		('event.not_json', '^(\w+): not JSON$', '{field}'),
		('event.too_deep', '^(\w+): nested too deep$', '{field}'),
		('event.deeper_than', '^(\w+): nested deeper than (-?[0-9][0-9.,]*) levels$', '{field,max:n}'),
		('event.unwritable', '^(\w+): cannot be written as JSON$', '{field}'),
		('event.not_text', '^(\w+): not a text$', '{field}'),
		('event.not_text_or_number', '^(\w+): not a text or a number$', '{field}'),
		('event.longer_than', '^(\w+): longer than (-?[0-9][0-9.,]*) characters$', '{field,max:n}'),
		('event.not_whole_number', '^(\w+): not a whole number$', '{field}'),
		('event.not_number', '^(\w+): not a number$', '{field}'),
		('event.below_one_ms', '^(\w+): between 0 and 1, but in milliseconds; a time in seconds is sent as request_time or duration_s$', '{field}'),
		('event.outside_range', '^(\w+): outside (-?[0-9][0-9.,]*) to (-?[0-9][0-9.,]*)$', '{field,min:n,max:n}'),
		('event.not_address', '^(\w+): not an IP address$', '{field}'),
		('event.not_time', '^(\w+): not a date and time$', '{field}'),
		('event.outside_years', '^(\w+): outside the years (-?[0-9][0-9.,]*) to (-?[0-9][0-9.,]*)$', '{field,min:n,max:n}'),
		('event.refused', '^(\w+): refused by the database \(([\w.-]+)\)$', '{field,code}'),
		('event.line_too_long', '^(\w+): longer than (-?[0-9][0-9.,]*) MB; only its beginning is kept$', '{field,max:n}'),
		('event.event_too_long', '^(\w+): longer than (-?[0-9][0-9.,]*) KB; only its beginning is kept$', '{field,max:n}'),
		('event.not_utf8', '^(\w+): not UTF-8 text; name its encoding, such as gb18030$', '{field}'),
		('event.more_cells', '^(\w+): more cells than the header$', '{field}'),
		('event.fewer_cells', '^(\w+): fewer cells than the header$', '{field}'),
		('event.unmatched_quotes', '^(\w+): its quotes do not match$', '{field}'),
		('event.unclosed_quote', '^(\w+): a quote is opened and never closed$', '{field}'),
		('event.not_one_row', '^(\w+): not one row with the header''s fields$', '{field}'),
		('event.no_log_time', '^(\w+): no \[day/Mon/year:hh:mm:ss ±zzzz\], so this is no access log line$', '{field}'),
		('event.not_log_time', '^(\w+): not a date as \[day/Mon/year:hh:mm:ss ±zzzz\]$', '{field}'),
		('event.no_request', '^(\w+): no "request" after the time$', '{field}'),
		('event.request_cut', '^(\w+): the request''s closing quote and a status are missing; the line is cut off$', '{field}'),
		('event.cut_after_status', '^(\w+): missing; the line is cut off after the status$', '{field}'),
		('event.no_client', '^(\w+): no IP address before the time$', '{field}'),
		('event.cut_after_referer', '^(\w+): missing or without quotes; the line is cut off after the referer$', '{field}'),
		('event.quote_cut', '^(\w+): its closing quote is missing; the line is cut off$', '{field}'),
		('job.cancelled', '^Cancelled by (.+)\.$', '{by}'),
		('job.worker_died', '^Its worker died (-?[0-9][0-9.,]*) times\.$', '{times:n}'),
		('job.time_limit', '^It took longer than its limit of (-?[0-9][0-9.,]*) hours\.$', '{hours:n}'),
		('job.connection_lost', '^The connection to PostgreSQL broke under it again and again\.$', '{}'),
		('export.too_many_rows', '^The export has more rows than the limit of (-?[0-9][0-9.,]*)\. Narrow the time range or the filters\.$', '{limit:n}'),
		('export.disk_full', '^The disk with the exports is full\. Make room there and start the export again\.$', '{}'),
		('export.no_space', '^The disk with the exports has no room for this file\. Make room there first\.$', '{}'),
		('job.too_many', '^You have (-?[0-9][0-9.,]*) unfinished jobs; wait for some to end\.$', '{count:n}'),
		('job.busy', '^The (.+) job (.+), started by (.+), is at this already\. Wait for it or cancel it\.$', '{kind,job,by}'),
		('retention.table_busy', '^A cleanup or restore of (.+) is running already\. Wait for its end, or cancel it\.$', '{table}'),
		('database.clock_differs', '^The clock of this machine differs from PostgreSQL''s by (-?[0-9][0-9.,]*) seconds\. Nothing was deleted; synchronize the clocks\.$', '{seconds:n}'),
		('job.already_finished', '^The job had already finished: (.+)\.$', '{status}'),
		('retention.cleanup_incomplete', '^The cleanup of (.+) \(job (.+)\): (.+)$', '{table,job,reason}'),
		('archive.no_space', '^There is no room left for the archive\. No row was deleted that is not archived; make room and run it again\.$', '{}'),
		('archive.unwritable', '^The archive cannot be written \((.+)\)\. No row was deleted that is not archived\.$', '{code}'),
		('archive.unreachable', '^The archive''s file cannot be read at the moment \((.+)\)\.$', '{code}'),
		('archive.lost_during_cleanup', '^An archive became unreadable in the middle\. (.+) No row was deleted that it did not have\.$', '{reason}'),
		('archive.expired', '^The archive''s file was removed when its retention ended\.$', '{}'),
		('archive.corrupted', '^The archive cannot be restored\. (.+)$', '{reason}'),
		('archive.no_rows', '^The archive holds no row of that period\.$', '{}'),
		('archive.checksum_differs', '^The file is not what was written: its checksum differs\.$', '{}'),
		('archive.row_count_differs', '^The file holds (-?[0-9][0-9.,]*) rows instead of (-?[0-9][0-9.,]*)\.$', '{rows:n,expected:n}'),
		('archive.file_missing', '^The file is not there\.$', '{}'),
		('archive.file_unreadable', '^The file cannot be read to its end\.$', '{}'),
		('archive.file_not_found', '^The archive''s file is not there\. Verify it to have that recorded\.$', '{}'),
		('archive.unknown_columns', '^The archive has columns that the table has no more: (.+)\.$', '{names}'),
		('database.unreachable', '^The database cannot be reached\. Nothing was lost; try again shortly\.$', '{}'),
		('database.disk_full', '^The database''s disk is full\. Nothing was lost; make room and try again\.$', '{}'),
		('database.overloaded', '^The database has no capacity left at the moment\. Nothing was lost; try again shortly\.$', '{}'),
		('database.read_only', '^The database is read-only at the moment\. Nothing was lost; try again shortly\.$', '{}'),
		('database.storage_fault', '^The database reports a fault of its storage\. Its administrator finds the details in its log\.$', '{}'),
		('database.permission_denied', '^The database account of this installation lacks a permission\. Its administrator can grant it\.$', '{}'),
		('database.conflict', '^Other work changed the same data at the same moment\. Try again\.$', '{}'),
		('database.locked', '^The table is locked by other work at the moment\. Try again shortly\.$', '{}'),
		('query.timeout', '^The query took too long and was stopped\. Narrow the time range or filters\.$', '{}'),
		('schedule.not_found', '^There is no such task yet; it appears when a worker has started\.$', '{}'),
		('request.invalid', '^The request is not valid\.$', '{}'),
		('server.internal', '^Something went wrong on our side\. The log holds the details\.$', '{}'),
		('intake.first_refused', '^The first (-?[0-9][0-9.,]*) records were all refused for one reason \((.+)\), so nothing more was read\. Check the format and the table\.$', '{count:n,reason}'),
		('intake.format_unknown', '^The format cannot be told from the beginning: it is no UTF-8 text of log lines, JSON or CSV with a header of column names\. Name the format\.$', '{}'),
		('intake.other_encoding', '^The text is not UTF-8; it looks like (.+)\. Name its encoding: --encoding \1 of the CLI, \?encoding=\1 of the API\.$', '{encoding}'),
		('intake.log_lines', '^Web server log lines cannot be rows of (.+)\.$', '{table}'),
		('intake.not_gzip', '^The body is not gzip, as its Content-Encoding says\.$', '{}'),
		('intake.gzip_cut_off', '^The gzip archive is cut off\.$', '{}'),
		('intake.gzip_damaged', '^The gzip archive is damaged\.$', '{}'),
		('intake.gzip_ratio', '^The gzip archive unpacks to more than (-?[0-9][0-9.,]*) times its size, as no log does\. Send it unpacked\.$', '{ratio:n}'),
		('intake.document_invalid', '^The document is not valid JSON\.$', '{}'),
		('intake.document_not_utf8', '^The document is not UTF-8 text\. Name its encoding, such as \?encoding=gb18030\.$', '{}'),
		('intake.document_shape', '^Send an array of events, \{"items": \[…\]\} or one event as an object\.$', '{}'),
		('intake.document_too_long', '^A JSON document may have at most (-?[0-9][0-9.,]*) MB\. Send more as lines: one JSON object a line \(NDJSON\) has no limit\.$', '{max:n}'),
		('request.upload_interrupted', '^The upload broke off\.$', '{}'),
		('intake.stopped', '^The intake was stopped\.$', '{}'),
		('intake.none_stored', '^No record became a row\.$', '{}'),
		('import.undone', '^The import was undone while it was read\.$', '{}'),
		('import.already_undone', '^Import ([0-9]+) has been undone already\.$', '{id:n}'),
		('webhook.switched_off', '^the webhook is switched off$', '{}'),
		('webhook.private_address', '^(\S+) is a loopback or private address; ALERT_WEBHOOK_ALLOW_PRIVATE=true allows it$', '{host}'),
		('webhook.unknown_host', '^the host is not known$', '{}'),
		('webhook.no_lookup', '^the name of the host could not be looked up$', '{}'),
		('webhook.unreachable', '^the host cannot be reached$', '{}'),
		('webhook.refused', '^nothing listens at the address$', '{}'),
		('webhook.cut', '^the connection was cut$', '{}'),
		('webhook.no_answer', '^no answer in (-?[0-9][0-9.,]*) s$', '{seconds:n}'),
		('webhook.tls', '^no TLS connection could be made \((\S+)\)$', '{code}'),
		('webhook.certificate', '^the certificate of the host is not valid \((\S+)\)$', '{code}'),
		('webhook.redirect', '^HTTP (-?[0-9][0-9.,]*): redirects are not followed$', '{status:n}'),
		('webhook.status', '^HTTP (-?[0-9][0-9.,]*)$', '{status:n}'),
		('webhook.no_code', '^the service answered something else than JSON with a code$', '{}'),
		('webhook.code', '^the service answered (\S+)$', '{code}'),
		('archive.not_found', '^There is no such archive\.$', '{}'),
		('archive.taken_over', '^Another process took this archive over\. No row was deleted by it\.$', '{}'),
		('export.not_found', '^There is no such export\.$', '{}'),
		('job.not_found', '^There is no job of this id\.$', '{}'),
		('request.nul_character', '^A text holds a NUL character, which nothing stored here has\.$', '{}'),
		('import.not_found', '^There is no import of this id\.$', '{}'),
		('schedule.unknown', '^There is no scheduled task (.+)\.$', '{task}')
	) AS rule (code, pattern, names) LOOP
		found := regexp_match(sentence, known.pattern);
		CONTINUE WHEN found IS NULL;
		FOR i IN 1 .. coalesce(array_length(known.names::text[], 1), 0) LOOP
			name := (known.names::text[])[i];
			params := params || jsonb_build_object(split_part(name, ':', 1), CASE
				WHEN found[i] IS NULL THEN 'null'::jsonb
				WHEN name = 'reason' THEN "error_of_sentence"(found[i])
				WHEN name LIKE '%:n' THEN to_jsonb(replace(found[i], ',', '')::numeric)
				ELSE to_jsonb(found[i])
			END);
		END LOOP;
		RETURN jsonb_build_object('code', known.code, 'params', params);
	END LOOP;
	FOR known IN SELECT * FROM (VALUES
		('input.unknown_filter', '^unknown filter$', '{}'),
		('input.named_twice', '^named twice$', '{}'),
		('input.not_for_report', '^none for a statistics report$', '{}'),
		('input.report_is_zip', '^a statistics report in CSV is a zip$', '{}'),
		('input.not_time', '^not an ISO 8601 date or time, such as 2024-01-31 or 2024-01-31T08:00:00Z$', '{}'),
		('input.before_start', '^is before start_date$', '{}'),
		('input.past', '^is in the past$', '{}'),
		('input.too_long', '^longer than (-?[0-9][0-9.,]*) characters$', '{max:n}'),
		('input.nul', '^holds a NUL character$', '{}'),
		('input.address', '^not an IP address or CIDR block, such as 192\.168\.1\.1 or 10\.0\.0\.0/8$', '{}'),
		('input.block', '^not a CIDR block, such as 10\.0\.0\.0/8$', '{}'),
		('input.status', '^not a status such as 404, a class such as 4xx, or a list of them$', '{}'),
		('input.number', '^not a whole number from (-?[0-9][0-9.,]*) to (-?[0-9][0-9.,]*)$', '{min:n,max:n}'),
		('input.one_start', '^only one of page, cursor and at can be given$', '{}'),
		('input.too_deep', '^reaches past row (-?[0-9][0-9.,]*); use a cursor or narrow the time range$', '{row:n}'),
		('input.other_list', '^damaged, or of another list, filter or sort; start again without it$', '{}'),
		('input.filter_field_expected', '^a field''s name expected, as in user_id:null$', '{}'),
		('input.filter_colon_expected', '^a colon expected after a field''s name, as in user_id:null$', '{}'),
		('input.filter_value', '^null, "" or \* expected after a field\\''s name and colon$', '{}'),
		('input.filter_quote', '^a quote without an end$', '{}'),
		('input.filter_terms', '^more than (-?[0-9][0-9.,]*) terms$', '{max:n}'),
		('input.filter_field', '^unknown field$', '{}'),
		('input.filter_not_text', '^the field is no text, so that it is never an empty one$', '{}'),
		('input.not_url', '^not an address, such as https://example\.com/hook$', '{}'),
		('input.not_http', '^must start with https:// or http://$', '{}'),
		('input.credentials', '^must not hold a user or password$', '{}'),
		('input.private_url', '^a loopback or private address, which ALERT_WEBHOOK_ALLOW_PRIVATE does not allow$', '{}')
	) AS rule (code, pattern, names) LOOP
		found := regexp_match(field[2], known.pattern);
		CONTINUE WHEN found IS NULL;
		FOR i IN 1 .. coalesce(array_length(known.names::text[], 1), 0) LOOP
			name := (known.names::text[])[i];
			params := params || jsonb_build_object(split_part(name, ':', 1), CASE
				WHEN name LIKE '%:n' THEN to_jsonb(replace(found[i], ',', '')::numeric)
				ELSE to_jsonb(found[i])
			END);
		END LOOP;
		RETURN jsonb_build_object('code', 'request.invalid_field', 'params', jsonb_build_object(
			'path', field[1], 'reason', jsonb_build_object('code', known.code, 'params', params)
		));
	END LOOP;
	RETURN jsonb_build_object('code', 'other', 'params', jsonb_build_object('text', sentence));
END
$$;--> statement-breakpoint
ALTER TABLE "jobs" ALTER COLUMN "error" SET DATA TYPE jsonb USING "error_of_sentence"("error");--> statement-breakpoint
UPDATE "jobs" SET "result" = (
	SELECT jsonb_object_agg(key, CASE
		WHEN jsonb_typeof(value -> 'error') = 'string'
		THEN value || jsonb_build_object('error', "error_of_sentence"(value ->> 'error'))
		ELSE value
	END)
	FROM jsonb_each("result")
) WHERE "kind" = 'scheduled_task' AND jsonb_path_exists("result", '$.*.error');--> statement-breakpoint
ALTER TABLE "imports" ALTER COLUMN "error" SET DATA TYPE jsonb USING "error_of_sentence"("error");--> statement-breakpoint
ALTER TABLE "archives" ALTER COLUMN "problem" SET DATA TYPE jsonb USING "error_of_sentence"("problem");--> statement-breakpoint
ALTER TABLE "alert_deliveries" ALTER COLUMN "error" SET DATA TYPE jsonb USING "error_of_sentence"("error");--> statement-breakpoint
-- Version 0.1.0 writes and reads dead letters during the upgrade, so the column remains text; it contains JSON. The
-- trigger converts what 0.1.0 writes. csv_header remains for 0.1.0.
CREATE FUNCTION "convert_dead_letter"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW."error" NOT LIKE '{"%' THEN NEW."error" := "error_of_sentence"(NEW."error"); END IF;
	IF NEW."csv_header" IS NOT NULL AND NEW."csv_header_id" IS NULL THEN
		NEW."csv_header_id" := md5(NEW."csv_header")::uuid;
		INSERT INTO "csv_headers" ("id", "header") VALUES (NEW."csv_header_id", NEW."csv_header") ON CONFLICT DO NOTHING;
	END IF;
	RETURN NEW;
END
$$;--> statement-breakpoint
CREATE TRIGGER "dead_letters_of_older_version" BEFORE INSERT OR UPDATE ON "dead_letters" FOR EACH ROW
WHEN (NEW."error" NOT LIKE '{"%' OR (NEW."csv_header" IS NOT NULL AND NEW."csv_header_id" IS NULL))
EXECUTE FUNCTION "convert_dead_letter"();--> statement-breakpoint
-- long
WITH "batch" AS (
	SELECT "id" FROM "dead_letters" WHERE "id" > coalesce(nullif(current_setting('batch_console.cursor', true), ''), '00000000-0000-0000-0000-000000000000')::uuid ORDER BY "id" LIMIT 500
), "converted" AS (
	UPDATE "dead_letters" SET "error" = "error"
	FROM "batch"
	WHERE "dead_letters"."id" = "batch"."id"
		AND ("error" NOT LIKE '{"%' OR ("csv_header" IS NOT NULL AND "csv_header_id" IS NULL))
)
SELECT max("id"::text) AS "last", count(*)::int AS "count" FROM "batch";
