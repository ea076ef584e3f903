-- Indexes of 0005 and 0006 are used until the new ones are built.
ALTER INDEX IF EXISTS "access_logs_values_idx" RENAME TO "access_logs_replaced_idx";--> statement-breakpoint
ALTER INDEX IF EXISTS "user_activity_logs_values_idx" RENAME TO "user_activity_logs_replaced_idx";--> statement-breakpoint
-- long
CREATE INDEX "access_logs_values_idx" ON "access_logs" USING gin ((array[left("user_id", 256)]),(array[("session_id")::text]),(array[("request_method")::text]),(array["status_code", -1 - "status_code" / 100]),(array[width_bucket("response_time", '{1,2,3,4,5,7,9,12,15,19,24,30,38,48,60,75,94,118,148,185,232,290,363,454,568,710,888,1110,1388,1735,2169,2712,3390,4238,5298,6623,8279,10349,12937,16172,20215,25269,31587,39484,49355,61694,77118,96398,120498,150623,188279,235349,294187,367734,459668,574585}'::int[])]),(array[("device_type")::text]),(array[("browser")::text]),(array[("os")::text]),(array[("country")::text]),(array[("region")::text]),(array[("city")::text]),(array[floor(date_part('epoch', created_at - '1970-01-01 00:00:00+00'::timestamptz) / 10800)::int])) WITH (gin_pending_list_limit=512);--> statement-breakpoint
-- long
CREATE INDEX "user_activity_logs_values_idx" ON "user_activity_logs" USING gin ((array[left("user_id", 256)]),(array[("action")::text]),(array[("resource_type")::text]),(array[left("resource_id", 256)]),(array[("ip_address")::text]),(array[("session_id")::text]),(array[floor(date_part('epoch', created_at - '1970-01-01 00:00:00+00'::timestamptz) / 10800)::int])) WITH (gin_pending_list_limit=512);--> statement-breakpoint
-- long
DROP INDEX IF EXISTS "access_logs_replaced_idx";--> statement-breakpoint
-- long
DROP INDEX IF EXISTS "user_activity_logs_replaced_idx";--> statement-breakpoint
-- long
DROP INDEX IF EXISTS "access_logs_user_id_idx";--> statement-breakpoint
-- long
DROP INDEX IF EXISTS "access_logs_status_code_idx";--> statement-breakpoint
-- long
DROP INDEX IF EXISTS "user_activity_logs_user_id_idx";--> statement-breakpoint
-- long
DROP INDEX IF EXISTS "user_activity_logs_action_idx";--> statement-breakpoint
-- long
DROP INDEX IF EXISTS "user_activity_logs_resource_idx";--> statement-breakpoint
-- audit_log may be owned by another role (docs/decisions/0029), and only the owner can create its index. Created last,
-- because sign-ins wait for the lock.
DO $$
DECLARE
	keeper name := (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'audit_log'::regclass);
BEGIN
	IF keeper <> current_user THEN EXECUTE format('GRANT %I TO %I', keeper, current_user); END IF;
END $$;--> statement-breakpoint
DROP INDEX "audit_log_values_idx";--> statement-breakpoint
CREATE INDEX "audit_log_values_idx" ON "audit_log" USING gin ((array[left("actor_name", 256)]),(array[("actor_kind")::text]),(array[left("actor_id", 256)]),(array[("result")::text]),(array[floor(date_part('epoch', created_at - '1970-01-01 00:00:00+00'::timestamptz) / 10800)::int])) WITH (gin_pending_list_limit=512);--> statement-breakpoint
DO $$
DECLARE
	keeper name := (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'audit_log'::regclass);
BEGIN
	IF keeper <> current_user THEN EXECUTE format('REVOKE %I FROM %I', keeper, current_user); END IF;
END $$;
