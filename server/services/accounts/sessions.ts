import { toIsoMicroseconds } from "@/server/db/schema/types";
import { AppError } from "@/server/lib/errors";
import { parseUserAgent } from "@/server/lib/user-agent";
import type { Context, Principal } from "@/server/process/context";
import { recordAudit } from "@/server/services/audit";
import type { Session } from "./contract";

/** Lists the open sessions of a user, last used first. */
export async function listSessions(ctx: Context, userId: string, by: Principal): Promise<Session[]> {
  const rows = await ctx.db.read.$client<(Omit<Session, "browser" | "os"> & { user_agent: string | null })[]>`
    select id, created_at, last_seen_at, ip_address, user_agent, id = ${by.sessionId ?? ""} as current
    from session
    where user_id = ${userId} and expires_at > ${ctx.now().toISOString()}
    order by current desc, last_seen_at desc, id`;
  return rows.map(({ user_agent, created_at, last_seen_at, ...row }) => {
    const { browser, os } = parseUserAgent(user_agent ?? "");
    const times = { created_at: toIsoMicroseconds(created_at), last_seen_at: toIsoMicroseconds(last_seen_at) };
    return { ...row, ...times, browser, os };
  });
}

/** Ends one session of a user. @throws AppError NOT_FOUND when it has ended */
export async function endSession(ctx: Context, userId: string, id: string, by: Principal): Promise<void> {
  await ctx.db.sql.begin(async (tx) => {
    const ended = await tx`delete from session where id = ${id} and user_id = ${userId}`;
    if (ended.count === 0) throw new AppError("account.session_ended", {});
    await recordAudit(ctx, by, "session.end", { user_id: userId, sessions: 1 }, tx);
  });
}

/** Ends all sessions of a user except the current one. @returns how many */
export async function endOtherSessions(ctx: Context, userId: string, by: Principal): Promise<{ ended: number }> {
  return await ctx.db.sql.begin(async (tx) => {
    const { count: ended } = await tx`
      delete from session where user_id = ${userId} and id <> ${by.sessionId ?? ""}`;
    if (ended > 0) await recordAudit(ctx, by, "session.end", { user_id: userId, sessions: ended }, tx);
    return { ended };
  });
}
