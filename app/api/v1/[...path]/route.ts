import { z } from "zod";
import { AppError } from "@/server/lib/errors";
import { endpoint, route, unread } from "@/server/rest";

const nothing = endpoint({
  summary: "Nothing.",
  permission: "read",
  params: z.unknown(),
  query: z.unknown(),
  body: unread,
  answers: {},
  handle: async () => {
    throw new AppError("request.unknown_path", {});
  },
});

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/api/v1/{path}", {
  GET: nothing,
  POST: nothing,
  PUT: nothing,
  PATCH: nothing,
  DELETE: nothing,
});
