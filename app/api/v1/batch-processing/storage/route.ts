import { endpoint, none, route, unread } from "@/server/rest";
import { storageUse } from "@/server/services/storage";
import { storage } from "@/server/services/storage/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/storage", {
  GET: endpoint({
    summary: "Report what uses the disks of PostgreSQL and DATA_DIR, how fast they fill, and when they are full.",
    permission: "read",
    params: none,
    query: none,
    body: unread,
    answers: { 200: storage },
    handle: ({ ctx, principal }) => storageUse(ctx, principal),
  }),
});
