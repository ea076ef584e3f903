import type { Context, Principal } from "@/server/context";
import { maskEvent, maskFor, maskText } from "@/server/services/privacy";
import { type DeadLetterPage, listDeadLetters } from "./dead-letters";

/** Dead letters as `principal` sees them: without their text where something is masked for them. */
export function deadLetterReader(ctx: Context, principal: Principal) {
  return {
    list: async (query: Parameters<typeof listDeadLetters>[1]): Promise<DeadLetterPage> => {
      const [page, mask] = await Promise.all([listDeadLetters(ctx, query), maskFor(ctx, principal)]);
      const items = page.items.map((letter) => ({
        ...letter,
        payload: maskEvent(letter.payload, mask),
        // The first line of a file, be it a header or not.
        csv_header: letter.csv_header === null ? null : maskEvent(letter.csv_header, mask),
        error: maskText(letter.error, mask),
        source: maskText(letter.source, mask),
      }));
      return { ...page, items };
    },
  };
}
