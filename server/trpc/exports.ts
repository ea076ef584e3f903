import {
  changeSharing,
  createLink,
  deleteExport,
  exportReader,
  listLinks,
  previewExport,
  revokeLink,
  sharingSettings,
  startExport,
} from "@/server/services/exports";
import {
  exportInput,
  exportKey,
  exportsQuery,
  linkInput,
  linkKey,
  sharingChange,
} from "@/server/services/exports/contract";
import { longRead } from "@/server/services/rate-limits";
import { procedure, router } from "./init";

export const exportsRouter = router({
  /** Estimates the size of an export. */
  preview: procedure("export")
    .input(exportInput)
    .query(({ ctx, input }) => longRead(ctx.principal, () => previewExport(ctx.app, input))),

  /** @returns the export's job, or that of an equal export in progress */
  start: procedure("export", "export.start", "exports")
    .input(exportInput)
    .mutation(({ ctx, input }) => startExport(ctx.app, ctx.principal, input)),

  list: procedure("read")
    .input(exportsQuery)
    .query(({ ctx, input }) => exportReader(ctx.app, ctx.principal).list(input)),

  remove: procedure("export", "export.delete")
    .input(exportKey)
    .mutation(({ ctx, input }) => deleteExport(ctx.app, ctx.principal, input.id)),

  sharing: procedure("download").query(({ ctx }) => sharingSettings(ctx.app)),

  changeSharing: procedure("exports.sharing", "export-sharing.change")
    .input(sharingChange)
    .mutation(({ ctx, input }) => changeSharing(ctx.app, ctx.principal, input)),

  links: procedure("download").query(({ ctx }) => listLinks(ctx.app, ctx.principal)),

  /** @returns the token of the new link, which cannot be read again */
  share: procedure("exports.share", "export.share")
    .input(linkInput)
    .mutation(({ ctx, input }) => createLink(ctx.app, ctx.principal, input)),

  revokeLink: procedure("exports.share", "export.revoke-link")
    .input(linkKey)
    .mutation(({ ctx, input }) => revokeLink(ctx.app, ctx.principal, input.link_id)),
});
