import { lt } from "drizzle-orm";
import { session, verification } from "@/server/db/schema";
import type { Context } from "@/server/process/context";
import { forgetEndedWindows } from "./attempts";

/** Housekeeping, about once a minute by any worker: forgets sessions, password links and sign-in attempts that have ended. */
export async function forgetExpired(ctx: Context): Promise<void> {
  await ctx.db.orm.delete(session).where(lt(session.expiresAt, ctx.now()));
  await ctx.db.orm.delete(verification).where(lt(verification.expiresAt, ctx.now()));
  await forgetEndedWindows(ctx);
}
