import { toIsoMicroseconds } from "@/server/db/schema/types";
import { AppError } from "@/server/lib/errors";
import { addressGroup } from "@/server/lib/ip";
import type { Instant } from "@/server/lib/time";
import type { Context, RequestOrigin, Role } from "@/server/process/context";
import { countAttempt, isPermitted } from "@/server/services/accounts";
import { recordAudit } from "@/server/services/audit";
import { type ExportDownload, openExport } from "../files/open-file";
import { findExport, type StoredExport } from "../records";
import { hashOf } from "./links";

/** Requests from one address in ten minutes. */
const MAX_PER_ADDRESS = 120;
const TOKEN = /^[\w-]{43}$/;

/** A file that a link shares. */
export interface SharedFile {
  readonly linkId: string;
  readonly record: StoredExport;
  readonly sharedBy: string;
  /** When the link expires. */
  readonly expiresAt: Instant;
}

/**
 * Finds the file of a link that works: it has not expired, sharing is allowed, and its creator may share. The answer for
 * all others is the same, so that it tells nothing about them.
 * @throws AppError NOT_FOUND, TOO_MANY_REQUESTS
 */
export async function findShared(ctx: Context, token: string, from: RequestOrigin): Promise<SharedFile> {
  await countAttempt(ctx, `export-link:${addressGroup(from.address ?? "")}`, MAX_PER_ADDRESS);
  const notFound = () => new AppError("export.link_ended", {});
  if (!TOKEN.test(token)) throw notFound();
  const [link] = await ctx.db.sql<{ id: string; export_id: string; expires_at: string; email: string; role: Role }[]>`
    select l.id, l.export_id, l.expires_at, u.email, u.role
    from export_links l
    join "user" u on u.id = l.creator_id
    where l.token_hash = ${hashOf(token)}
      and l.expires_at > now()
      and exists (select from export_sharing where is_allowed)
      and u.disabled_at is null
      and (u.expires_at is null or u.expires_at > ${ctx.now().toISOString()})`;
  if (!link || !isPermitted(link.role, "exports.share")) throw notFound();
  const record = await findExport(ctx, { id: link.export_id });
  if (!record) throw notFound();
  return { linkId: link.id, record, sharedBy: link.email, expiresAt: toIsoMicroseconds(link.expires_at) };
}

/** Opens the file of a link. @throws AppError NOT_FOUND, TOO_MANY_REQUESTS; files.* */
export async function openShared(
  ctx: Context,
  token: string,
  from: RequestOrigin,
): Promise<ExportDownload & { shared: SharedFile }> {
  const shared = await findShared(ctx, token, from);
  return { ...(await openExport(ctx, shared.record)), shared };
}

/** Counts a download and records it in the audit log. @param range the requested bytes, if not all */
export async function recordSharedDownload(
  ctx: Context,
  { linkId, record, sharedBy }: SharedFile,
  from: RequestOrigin,
  range: { start: number; end: number } | undefined,
): Promise<void> {
  const { export_id, file_name, sha256 } = record;
  const details = { link_id: linkId, shared_by: sharedBy, export_id, file_name, sha256, ...(range ? { range } : {}) };
  await ctx.db.sql.begin(async (tx) => {
    if (range === undefined || range.start === 0) {
      await tx`update export_links set downloads = downloads + 1, last_downloaded_at = now() where id = ${linkId}`;
      await tx`update exports set downloads = downloads + 1, last_downloaded_at = now() where id = ${export_id}`;
    }
    const actor = { kind: "nobody", id: linkId, name: "share link", from } as const;
    await recordAudit(ctx, actor, "export.download-by-link", details, tx);
  });
}
