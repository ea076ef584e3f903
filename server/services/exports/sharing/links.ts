import { createHash, randomBytes } from "node:crypto";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { AppError } from "@/server/lib/errors";
import type { Instant } from "@/server/lib/time";
import type { Context, Principal, Role } from "@/server/process/context";
import { isPermitted } from "@/server/services/accounts";
import { recordAudit } from "@/server/services/audit";
import type { ExportLink, LinkInput } from "../contract";
import { lockSharing } from "./settings";

/** A token has 256 random bits and cannot be guessed. */
const TOKEN_BYTES = 32;
const MAX_LINKS = 50;

/** Only the hash is stored, so that the database reveals no link. */
export function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}

/**
 * Creates a link to the file of an export, which expires with the file at the latest.
 * @returns the token, which cannot be read again
 * @throws AppError FORBIDDEN while sharing is not allowed, NOT_FOUND, CONFLICT for too many links
 */
export async function createLink(
  ctx: Context,
  principal: Principal,
  { export_id, hours }: LinkInput,
): Promise<{ token: string; expires_at: Instant }> {
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  return await ctx.db.sql.begin(async (tx) => {
    if (!(await lockSharing(tx))) throw new AppError("export.sharing_off", {});
    const [file] = await tx<{ file_name: string }[]>`
      select file_name from exports where id = ${export_id} and expires_at > now() for update`;
    if (!file) throw new AppError("export.not_found", {});
    const [link] = await tx<{ id: string; expires_at: string }[]>`
      insert into export_links (export_id, token_hash, creator_id, expires_at)
      select id, ${hashOf(token)}, ${principal.id}, least(expires_at, now() + make_interval(hours => ${hours}))
      from exports
      where id = ${export_id}
        and (select count(*) from export_links where export_id = exports.id and expires_at > now()) < ${MAX_LINKS}
      returning id, expires_at`;
    if (!link) throw new AppError("export.too_many_links", { max: MAX_LINKS });
    const expires_at = toIsoMicroseconds(link.expires_at);
    const details = { link_id: link.id, export_id, file_name: file.file_name, expires_at };
    await recordAudit(ctx, principal, "export.share", details, tx);
    return { token, expires_at };
  });
}

/** Lists the links that have not expired, newest first. One whose creator may no longer share does not work. */
export async function listLinks(ctx: Context, principal: Principal): Promise<{ links: ExportLink[] }> {
  const rows = await ctx.db.read.$client<
    {
      id: string;
      export_id: string;
      file_name: string;
      creator_id: string;
      created_by: string;
      role: Role;
      is_active: boolean;
      created_at: string;
      expires_at: string;
      downloads: number;
      last_downloaded_at: string | null;
    }[]
  >`
    select
      l.id, l.export_id, e.file_name, l.creator_id, u.email as created_by, u.role,
      u.disabled_at is null and (u.expires_at is null or u.expires_at > ${ctx.now().toISOString()}) as is_active,
      l.created_at, l.expires_at, l.downloads, l.last_downloaded_at
    from export_links l
    join exports e on e.id = l.export_id
    join "user" u on u.id = l.creator_id
    where l.expires_at > now()
    order by l.created_at desc, l.id`;
  const links = rows.map(({ id, creator_id, role, is_active, created_at, expires_at, last_downloaded_at, ...row }) => ({
    link_id: id,
    ...row,
    works: is_active && isPermitted(role, "exports.share"),
    created_at: toIsoMicroseconds(created_at),
    expires_at: toIsoMicroseconds(expires_at),
    last_downloaded_at: last_downloaded_at === null ? null : toIsoMicroseconds(last_downloaded_at),
    can_revoke: mayRevoke(principal, creator_id),
  }));
  return { links };
}

/** Revokes a link. @throws AppError NOT_FOUND, FORBIDDEN for another user's unless the caller is an administrator */
export async function revokeLink(ctx: Context, principal: Principal, id: string): Promise<void> {
  await ctx.db.sql.begin(async (tx) => {
    const [link] = await tx<{ creator_id: string; export_id: string }[]>`
      select creator_id, export_id from export_links where id = ${id} for update`;
    if (!link) throw new AppError("export.link_not_found", {});
    if (!mayRevoke(principal, link.creator_id)) throw new AppError("export.link_not_owner", {});
    await tx`delete from export_links where id = ${id}`;
    await recordAudit(ctx, principal, "export.revoke-link", { link_id: id, export_id: link.export_id }, tx);
  });
}

function mayRevoke(principal: Principal, creatorId: string): boolean {
  return isPermitted(principal.role, "exports.sharing") || (principal.kind === "user" && principal.id === creatorId);
}
