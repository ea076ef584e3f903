import type { Context, Principal } from "@/server/process/context";
import { type Mask, maskError, maskEvent, maskFor, maskText } from "@/server/services/privacy";
import type { DeadLetter, DeadLetterPage, DeadLettersQuery } from "./contract";
import { listDeadLetters, readDeadLetter } from "./dead-letters";

/** Reads dead letters on behalf of `principal`, without payload for principals with a mask. */
export function deadLetterReader(ctx: Context, principal: Principal) {
  return {
    list: async (query: DeadLettersQuery): Promise<DeadLetterPage> => {
      const [page, mask] = await Promise.all([listDeadLetters(ctx, query), maskFor(ctx, principal)]);
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
