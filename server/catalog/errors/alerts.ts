import { z } from "zod";
import { count, failure, reason, text } from "./define";

/** Errors and causes of alerts, and errors of deliveries to webhooks. */
export const alertsErrors = {
  "alert.not_found": failure("NOT_FOUND"),
  "alert.already_resolved": failure("CONFLICT"),
  "alert.paused": failure("UNAVAILABLE", { by: text, since: text }),
  "alert.no_worker": failure("UNAVAILABLE"),
  "alert.last_heartbeat": failure("UNAVAILABLE", { at: text }),
  "alert.rejects": failure("UNAVAILABLE", { reason: reason }),
  "alert.task_disabled": failure("UNAVAILABLE", { tasks: z.array(text) }),
  "webhook.switched_off": failure("UNAVAILABLE"),
  "webhook.private_address": failure("UNAVAILABLE", { host: text }),
  "webhook.unknown_host": failure("UNAVAILABLE"),
  "webhook.no_lookup": failure("UNAVAILABLE"),
  "webhook.unreachable": failure("UNAVAILABLE"),
  "webhook.refused": failure("UNAVAILABLE"),
  "webhook.cut": failure("UNAVAILABLE"),
  "webhook.no_answer": failure("UNAVAILABLE", { seconds: count }),
  "webhook.tls": failure("UNAVAILABLE", { code: text }),
  "webhook.certificate": failure("UNAVAILABLE", { code: text }),
  "webhook.redirect": failure("UNAVAILABLE", { status: count }),
  "webhook.status": failure("UNAVAILABLE", { status: count }),
  "webhook.no_code": failure("UNAVAILABLE"),
  "webhook.code": failure("UNAVAILABLE", { code: text }),
  "webhook.not_found": failure("NOT_FOUND"),
  "webhook.too_many": failure("CONFLICT", { max: count }),
} as const;
