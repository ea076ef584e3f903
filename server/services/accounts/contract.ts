import { z } from "zod";
import { PASSWORD_LENGTH, ROLES } from "@/server/catalog/accounts";
import { count, instant, wholeNumber } from "@/server/lib/contract";
import { inputIssue } from "@/server/lib/parse";

export const role = z.enum(ROLES);

const id = z.string().max(100);
const password = z.string().min(PASSWORD_LENGTH.min).max(PASSWORD_LENGTH.max);

const expiryDay = z.iso.date().describe("The last day of access, in APP_TIMEZONE");

export const userKey = z.strictObject({ id });
export const userInput = z.strictObject({
  email: z
    .string()
    .trim()
    .toLowerCase()
    .max(320)
    .refine((email) => /^[^\s@]+@[^\s@]+$/.test(email), inputIssue("input.email", {})),
  role,
  expires_on: expiryDay.nullable().default(null),
});
export type UserInput = z.input<typeof userInput>;
export const userWithPassword = userInput.extend({ password });
export const roleChange = userKey.extend({ role });
export const expiryChange = userKey.extend({ expires_on: expiryDay.nullable() });

/** A user in the administrators' list. */
const user = z.object({
  id: z.string(),
  email: z.string(),
  role,
  created_at: instant,
  disabled_at: instant.nullable(),
  expires_at: instant.nullable().describe("When access ends; null for never"),
  has_password: z
    .boolean()
    .describe("False for an invited user, or one whose password was reset, until a password is set"),
  link_expires_at: instant.nullable().describe("Expiry of the link that sets the password"),
  last_seen_at: instant.nullable().describe("Last use of any open session"),
  sessions: count,
});
export type User = z.infer<typeof user>;

/** A link that sets a password once. Only the hash of its token is stored; the administrator sends it to the user. */
const passwordLink = z.object({ token: z.string(), expires_at: z.iso.datetime() });
export type PasswordLink = z.infer<typeof passwordLink>;

const passwordReset = z.object({ email: z.string(), link: passwordLink });
export type PasswordReset = z.infer<typeof passwordReset>;
const invitation = passwordReset.extend({ id: z.string() });
export type Invitation = z.infer<typeof invitation>;

export const passwordLinkKey = z.object({ token: z.string().max(100) });
export const passwordLinkUse = passwordLinkKey.extend({ password });
export const passwordChange = z.strictObject({ current: z.string().max(PASSWORD_LENGTH.max), next: password });
export type PasswordChange = z.infer<typeof passwordChange>;

export const signInInput = z.object({
  email: z.string().max(320),
  password: z.string().max(PASSWORD_LENGTH.max),
  rememberMe: z.boolean().default(true),
});

export const sessionKey = z.strictObject({ id });
/** A session as listed to its owner, without its token. */
const session = z.object({
  id: z.string(),
  created_at: instant,
  last_seen_at: instant,
  ip_address: z.string().nullable(),
  browser: z.string().nullable().describe("Null if the user agent does not identify it"),
  os: z.string().nullable(),
  current: z.boolean().describe("Whether it is the session of this request"),
});
export type Session = z.infer<typeof session>;

export const apiKeyKey = z.strictObject({ id: z.guid() });
export const apiKeyInput = z.strictObject({
  name: z.string().trim().min(1).max(100),
  role,
  expires_days: wholeNumber(1, 3650).nullable().default(null).describe("Days until the key expires; null for never"),
});
export type ApiKeyInput = z.input<typeof apiKeyInput>;

/** An API key in lists; the key itself is not stored. */
const apiKey = z.object({
  id: z.guid(),
  name: z.string(),
  role,
  prefix: z.string(),
  created_at: instant,
  created_by: z.string().nullable(),
  expires_at: instant.nullable(),
  last_used_at: instant.nullable(),
  revoked_at: instant.nullable(),
  is_ownerless: z
    .boolean()
    .describe("Whether the creator's account is disabled or deleted. Such a key is not accepted"),
});
export type ApiKey = z.infer<typeof apiKey>;

const createdApiKey = z.object({ id: z.guid(), key: z.string().describe("Returned only once") });
export type CreatedApiKey = z.infer<typeof createdApiKey>;
