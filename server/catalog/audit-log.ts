import type { BrowsedTable } from "./types";

/**
 * The audit log: who did what, when, from where and with what result. It accepts no events and is read by
 * administrators.
 */
export const auditLog = {
  name: "audit_log",
  tableName: "audit_log",
  path: "audit",
  filterExample: "result:refused",
  columns: [
    { name: "id", type: "uuid" },
    { name: "created_at", type: "timestamptz", shown: true },
    {
      name: "actor_name",
      type: "text",
      required: true,
      filter: "exact",
      index: "values",
      indexedCharacters: 256,
      shown: true,
    },
    { name: "actor_kind", type: "text", required: true, filter: "exact", codes: "actor_kind", index: "values" },
    { name: "actor_id", type: "text", required: true, filter: "exact", index: "values", indexedCharacters: 256 },
    {
      name: "action",
      type: "text",
      required: true,
      filter: "prefix",
      codes: "audit_action",
      index: "order",
      indexedCharacters: 256,
      shown: true,
    },
    {
      name: "result",
      type: "text",
      required: true,
      filter: "exact",
      codes: "audit_result",
      index: "values",
      shown: true,
    },
    { name: "details", type: "jsonb", shown: true },
    { name: "ip_address", type: "inet", filter: "network", index: "order", shown: true },
    { name: "user_agent", type: "text" },
  ],
} as const satisfies BrowsedTable;
