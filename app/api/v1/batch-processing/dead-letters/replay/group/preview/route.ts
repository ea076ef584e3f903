import { endpoint, none, route, withErrorTextIfAny } from "@/server/rest";
import { previewReplay } from "@/server/services/dead-letters";
import { groupReplayPreview, replayPreviewAnswer } from "@/server/services/dead-letters/contract";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route("/dead-letters/replay/group/preview", {
  POST: endpoint({
    summary: "Return what the last seen dead letters with one error would become with another mapping or changes.",
    permission: "dead-letters.replay",
    params: none,
    query: none,
    body: groupReplayPreview,
    answers: { 200: replayPreviewAnswer },
    handle: async ({ ctx, body, locale }) => {
      const preview = await previewReplay(ctx, body);
      return { ...preview, items: preview.items.map((item) => withErrorTextIfAny(item, locale)) };
    },
  }),
});
