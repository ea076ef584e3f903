import {
  deadLetterReader,
  discardDeadLetters,
  previewReplay,
  replayDeadLetters,
  startReplay,
} from "@/server/services/dead-letters";
import {
  deadLetterFilter,
  deadLetterKey,
  deadLetterReplay,
  deadLetterSelection,
  deadLettersQuery,
  groupReplay,
  groupReplayPreview,
} from "@/server/services/dead-letters/contract";
import { procedure, router } from "./init";

export const deadLettersRouter = router({
  list: procedure("read")
    .input(deadLettersQuery)
    .query(({ ctx, input }) => deadLetterReader(ctx.app, ctx.principal).list(input)),

  read: procedure("read")
    .input(deadLetterKey)
    .query(({ ctx, input }) => deadLetterReader(ctx.app, ctx.principal).read(input.id)),

  groups: procedure("read")
    .input(deadLetterFilter)
    .query(({ ctx, input }) => deadLetterReader(ctx.app, ctx.principal).groups(input)),

  replay: procedure("dead-letters.replay", "dead-letter.replay")
    .input(deadLetterReplay)
    .mutation(({ ctx, input }) => replayDeadLetters(ctx.app, input.selection, ctx.principal, input.payload)),

  /** What the last seen dead letters of a group would become with changes. */
  previewReplay: procedure("dead-letters.replay")
    .input(groupReplayPreview)
    .query(({ ctx, input }) => previewReplay(ctx.app, input)),

  /** Starts a job that changes and replays a group. */
  startReplay: procedure("dead-letters.replay", "dead-letter.replay")
    .input(groupReplay)
    .mutation(({ ctx, input }) => startReplay(ctx.app, ctx.principal, input)),

  discard: procedure("dead-letters.discard", "dead-letter.discard")
    .input(deadLetterSelection)
    .mutation(({ ctx, input }) => discardDeadLetters(ctx.app, input, ctx.principal)),
});
