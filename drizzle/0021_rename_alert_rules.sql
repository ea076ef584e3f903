UPDATE "alert_rules" SET "rule" = replace("rule", '_away', '_unreachable') WHERE "rule" IN ('database_away', 'redis_away');--> statement-breakpoint
UPDATE "alerts" SET "rule" = replace("rule", '_away', '_unreachable') WHERE "rule" IN ('database_away', 'redis_away');--> statement-breakpoint
UPDATE "alert_deliveries" SET "notice" = jsonb_set("notice", '{rule}', to_jsonb(replace("notice" ->> 'rule', '_away', '_unreachable')))
WHERE "notice" ->> 'rule' IN ('database_away', 'redis_away');
