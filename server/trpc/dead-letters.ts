import {
  deadLetterGroups,
  deadLetterReader,
  discardDeadLetters,
  replayDeadLetters,
} from "@/server/services/dead-letters";
import {
  deadLetterFilter,
  deadLetterKey,
  deadLetterReplay,
  deadLetterSelection,
  deadLettersQuery,
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
    .query(({ ctx, input }) => deadLetterGroups(ctx.app, input)),

  replay: procedure("dead-letters.replay", "dead-letter.replay")
    .input(deadLetterReplay)
    .mutation(({ ctx, input }) => replayDeadLetters(ctx.app, input.selection, ctx.principal, input.payload)),

  discard: procedure("dead-letters.discard", "dead-letter.discard")
    .input(deadLetterSelection)
    .mutation(({ ctx, input }) => discardDeadLetters(ctx.app, input, ctx.principal)),
});
