import { count, failure, text } from "./define";

/** Errors of accounts, permissions and users' own objects. */
export const accountsErrors = {
  "auth.required": failure("UNAUTHORIZED"),
  "auth.role_too_low": failure("FORBIDDEN", { required: text, role: text }),
  "auth.key_not_allowed": failure("FORBIDDEN"),
  "auth.other_origin": failure("FORBIDDEN"),
  "account.last_admin": failure("CONFLICT"),
  "account.not_found": failure("NOT_FOUND"),
  "account.email_not_found": failure("NOT_FOUND", { email: text }),
  "account.email_taken": failure("CONFLICT", { email: text }),
  "account.disabled": failure("CONFLICT"),
  "account.own_account": failure("CONFLICT", { action: text }),
  "account.link_invalid": failure("NOT_FOUND"),
  "account.no_password": failure("FORBIDDEN"),
  "account.session_ended": failure("NOT_FOUND"),
  "account.too_many_attempts": failure("TOO_MANY_REQUESTS", { seconds: count }),
  "account.too_many_attempts_minutes": failure("TOO_MANY_REQUESTS", { minutes: count }),
  "api_key.role_too_high": failure("FORBIDDEN", { role: text, own: text }),
  "api_key.not_found": failure("NOT_FOUND"),
  "view.not_found": failure("NOT_FOUND"),
  "view.too_many": failure("CONFLICT", { max: count }),
  "view.needs_user": failure("FORBIDDEN"),
  "privacy.masked_filter": failure("FORBIDDEN", { names: text }),
} as const;
