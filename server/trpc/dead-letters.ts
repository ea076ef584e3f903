import { z } from "zod";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import {
  deadLetterGroups,
  deadLetterReader,
  discardDeadLetters,
  replayDeadLetters,
} from "@/server/services/dead-letters";
import { procedure, router } from "./init";

const MAX_IDS = 10_000;

const queue = z.enum(LOG_TABLE_NAMES);
const selection = z.union([
  z.strictObject({ ids: z.array(z.uuid()).min(1).max(MAX_IDS) }),
  z.strictObject({ queue, error: z.string() }),
]);

export const deadLettersRouter = router({
  list: procedure("read")
    .input(
      z.strictObject({
        queue: queue.optional(),
        error: z.string().optional(),
        limit: z.int().min(1).max(200).default(50),
        cursor: z.string().optional(),
      }),
    )
    .query(({ ctx, input }) => deadLetterReader(ctx.app, ctx.principal).list(input)),

  read: procedure("read")
    .input(z.strictObject({ id: z.uuid() }))
    .query(({ ctx, input }) => deadLetterReader(ctx.app, ctx.principal).read(input.id)),

  groups: procedure("read")
    .input(z.strictObject({ queue: queue.optional() }))
    .query(({ ctx, input }) => deadLetterGroups(ctx.app, input)),

  replay: procedure("dead-letters.replay", "dead-letter.replay")
    .input(z.strictObject({ selection, payload: z.string().min(1).optional() }))
    .mutation(({ ctx, input }) => replayDeadLetters(ctx.app, input.selection, ctx.principal, input.payload)),

  discard: procedure("dead-letters.discard", "dead-letter.discard")
    .input(z.strictObject({ selection }))
    .mutation(({ ctx, input }) => discardDeadLetters(ctx.app, input.selection, ctx.principal)),
});
