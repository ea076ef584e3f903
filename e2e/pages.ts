/** The paths of all pages of the dashboard. */
export const PAGES = [
  "/",
  "/dashboards",
  "/alerts",
  "/tables",
  "/queues",
  "/dead-letters",
  "/imports",
  "/intake-rules",
  "/retention",
  "/schedules",
  "/logs/access-logs",
  "/logs/user-activities",
  "/explore",
  "/timeline",
  "/exports",
];

/** The paths of all pages that signed-in users see. */
export const SIGNED_IN = [
  ...PAGES,
  "/audit",
  "/settings/account",
  "/settings/api-keys",
  "/settings/privacy",
  "/settings/users",
];
