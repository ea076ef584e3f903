import { randomInt, randomUUID } from "node:crypto";
import { hashPassword } from "better-auth/crypto";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Context, Role } from "@/server/context";
import type { Orm } from "@/server/db/client";
import { account, user } from "@/server/db/schema";
import { AppError } from "@/server/errors";

/** Any number, as long as every process of this product uses the same. */
const FIRST_ADMIN_LOCK = 7_120_514;

const newUser = z.object({
  email: z
    .string()
    .trim()
    .toLowerCase()
    .max(320)
    .regex(/^[^\s@]+@[^\s@]+$/, "must be an e-mail address"),
  password: z.string().min(12, "must have at least 12 characters").max(128, "must have at most 128 characters"),
  role: z.enum(["viewer", "operator", "admin"], "must be viewer, operator or admin"),
});

/**
 * Makes a user who signs in with e-mail and password.
 * @throws AppError UNPROCESSABLE for a bad e-mail, password or role, CONFLICT when the e-mail is taken
 */
export async function createUser(
  ctx: Context,
  input: { email: string; password: string; role: Role },
): Promise<{ id: string; email: string }> {
  return ctx.db.orm.transaction((tx) => insertUser(tx, input));
}

/**
 * Makes the first administrator out of ADMIN_EMAIL and ADMIN_PASSWORD, with a random password where
 * none is set. Safe from several processes at once: one makes it.
 * @returns the sign-in, this once; null when there is any user
 */
export async function ensureFirstAdmin(ctx: Context): Promise<{ email: string; password: string } | null> {
  return ctx.db.orm.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${FIRST_ADMIN_LOCK})`);
    const [anybody] = await tx.select({ id: user.id }).from(user).limit(1);
    if (anybody) return null;
    const password = ctx.config.adminPassword ?? randomPassword();
    const { email } = await insertUser(tx, { email: ctx.config.adminEmail, password, role: "admin" });
    return { email, password };
  });
}

async function insertUser(tx: Pick<Orm, "insert">, input: { email: string; password: string; role: Role }) {
  const parsed = newUser.safeParse(input);
  if (!parsed.success) {
    const errors = parsed.error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message }));
    throw new AppError("UNPROCESSABLE", errors.map((e) => `${e.path} ${e.message}`).join("; "), { errors });
  }
  const { email, password, role } = parsed.data;
  const id = randomUUID();
  const name = email.slice(0, email.indexOf("@"));
  const inserted = await tx
    .insert(user)
    .values({ id, name, email, role, emailVerified: true })
    .onConflictDoNothing({ target: user.email })
    .returning({ id: user.id });
  if (inserted.length === 0) throw new AppError("CONFLICT", `There is a user with the e-mail ${email} already.`);
  await tx.insert(account).values({
    id: randomUUID(),
    accountId: id,
    providerId: "credential",
    userId: id,
    password: await hashPassword(password),
  });
  return { id, email };
}

/** 20 characters that cannot be taken for one another, 99 bits. */
function randomPassword(): string {
  const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
  const characters = Array.from({ length: 20 }, () => alphabet[randomInt(alphabet.length)]);
  return characters.join("").replace(/.{5}(?=.)/g, "$&-");
}
