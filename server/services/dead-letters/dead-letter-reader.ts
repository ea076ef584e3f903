import { AppError } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { type Mask, maskError, maskEvent, maskFor, maskText } from "@/server/services/privacy";
import type { DeadLetter, DeadLetterFilter, DeadLetterGroup, DeadLetterPage, DeadLettersQuery } from "./contract";
import { listDeadLetters, readDeadLetter } from "./dead-letters";
import { deadLetterGroups } from "./groups";

/** Reads dead letters on behalf of `principal`, without payload for principals with a mask. */
export function deadLetterReader(ctx: Context, principal: Principal) {
  /** Which letters contain a text would reveal what is masked. */
  const searchMask = async ({ search }: DeadLetterFilter): Promise<Mask> => {
    const mask = await maskFor(ctx, principal);
    if (search !== undefined && mask.columns.size > 0) throw new AppError("privacy.masked_filter", { names: "search" });
    return mask;
  };
  return {
    groups: async (filter: DeadLetterFilter): Promise<DeadLetterGroup[]> => {
      const mask = await searchMask(filter);
      const groups = await deadLetterGroups(ctx, filter);
      return groups.map((group) => ({
        ...group,
        error: maskError(group.error, mask),
        producers: group.producers.map((producer) => ({ ...producer, source: maskText(producer.source, mask) })),
      }));
    },
    list: async (query: DeadLettersQuery): Promise<DeadLetterPage> => {
      const mask = await searchMask(query);
      const page = await listDeadLetters(ctx, query);
      return { ...page, items: page.items.map((letter) => maskLetter(letter, mask)) };
    },
    read: async (id: string): Promise<DeadLetter> => {
      const [letter, mask] = await Promise.all([readDeadLetter(ctx, id), maskFor(ctx, principal)]);
      return maskLetter(letter, mask);
    },
  };
}

function maskLetter(letter: DeadLetter, mask: Mask): DeadLetter {
  return {
    ...letter,
    payload: maskEvent(letter.payload, mask),
    // The length of the text would reveal part of it.
    payload_truncated: mask.columns.size === 0 && letter.payload_truncated,
    // The first line of a file, which may not be a header.
    csv_header: letter.csv_header === null ? null : maskEvent(letter.csv_header, mask),
    error: maskError(letter.error, mask),
    source: maskText(letter.source, mask),
  };
}
