import { lt } from "drizzle-orm";
import { session, verification } from "@/server/db/schema";
import type { Context } from "@/server/process/context";
import { deleteEndedWindows } from "./attempts";

/** Deletes expired sessions, password links and sign-in attempts. Run about once a minute by any worker. */
export async function deleteExpired(ctx: Context): Promise<void> {
  await ctx.db.orm.delete(session).where(lt(session.expiresAt, ctx.now()));
  await ctx.db.orm.delete(verification).where(lt(verification.expiresAt, ctx.now()));
  await deleteEndedWindows(ctx);
}
