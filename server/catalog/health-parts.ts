/** The components whose health is checked, in display order. */
export const HEALTH_PARTS = [
  "database",
  "queue",
  "worker",
  "disk",
  "files",
  "cache",
  "schedules",
  "partitions",
  "archives",
  "segments",
  "explore",
  "geolocation",
  "clock",
  "upgrade",
] as const;
