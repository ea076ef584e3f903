import type { LogTable } from "./types";

export const userActivities = {
  name: "user_activities",
  tableName: "user_activity_logs",
  path: "user-activities",
  filterExample: "action:login",
  redisList: "user_activities_queue",
  derivedFromUserAgent: [],
  acceptsLogLines: false,
  columns: [
    { name: "id", type: "uuid" },
    { name: "created_at", type: "timestamptz", shown: true },
    {
      name: "user_id",
      type: "text",
      required: true,
      filter: "exact",
      index: "values",
      indexedCharacters: 256,
      shown: true,
    },
    { name: "action", type: "text", required: true, maxLength: 100, filter: "exact", index: "values", shown: true },
    { name: "resource_type", type: "text", maxLength: 255, filter: "exact", index: "values", shown: true },
    { name: "resource_id", type: "text", filter: "exact", index: "values", indexedCharacters: 256, shown: true },
    { name: "details", type: "jsonb", shown: true },
    { name: "ip_address", type: "text", maxLength: 255, filter: "exact", index: "values", shown: true, personal: true },
    { name: "user_agent", type: "text", personal: true },
    { name: "session_id", type: "text", maxLength: 255, filter: "exact", index: "values", personal: true },
    { name: "extra", type: "jsonb" },
  ],
} as const satisfies LogTable;
