import { count, failure, text } from "./define";

/** Errors of the file store. */
export const filesErrors = {
  "files.missing": failure("NOT_FOUND"),
  "files.no_space": failure("UNAVAILABLE"),
  "files.denied": failure("UNAVAILABLE", { reason: text }),
  "files.unreachable": failure("UNAVAILABLE", { reason: text }),
  "files.store_unavailable": failure("UNAVAILABLE", { reason: text }),
  "files.store_rejected": failure("UNAVAILABLE", { reason: text }),
  "files.wait_ended": failure("UNAVAILABLE", { minutes: count, reason: text }),
  "files.other_disk": failure("CONFLICT", { location: text }),
  "files.store_not_configured": failure("CONFLICT", { location: text }),
  "files.no_object_store": failure("UNPROCESSABLE"),
  "files.foreign_store": failure("CONFLICT", { location: text, file: text }),
  "files.no_identity": failure("CONFLICT", { file: text }),
} as const;
