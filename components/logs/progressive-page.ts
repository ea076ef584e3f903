import type { RouterOutputs } from "../trpc";

export type LoadedPage = RouterOutputs["logs"]["page"];

interface Requests {
  readonly size: number;
  /** Requests the page, or continues a search with the number of missing rows. */
  readonly request: (continued?: { readonly cursor: string; readonly page_size: number }) => Promise<LoadedPage>;
  /** The page whose search is continued. */
  readonly begun?: LoadedPage;
  readonly onProgress: (page: LoadedPage) => void;
  readonly isStopped: () => boolean;
}

/**
 * Loads a page, and continues its search until it is full, all rows were searched, or the user stops it.
 * @returns a page with `search` if it was stopped
 */
export async function loadProgressively(requests: Requests): Promise<LoadedPage> {
  const { size, request, begun, onProgress, isStopped } = requests;
  let page = begun ?? (await request());
  while (page.search && page.items.length < size && !isStopped()) {
    onProgress(page);
    try {
      page = joined(page, await request({ cursor: page.search.cursor, page_size: size - page.items.length }));
    } catch (error) {
      if (!isStopped()) throw error;
    }
  }
  return page;
}

/** Whether the search goes on towards the start of the list. */
export function isBackward({ search, prev_cursor }: LoadedPage): boolean {
  return search !== undefined && search.cursor === prev_cursor;
}

function joined(page: LoadedPage, more: LoadedPage): LoadedPage {
  if (isBackward(page)) {
    const { has_prev, prev_cursor, search } = more;
    const first_row = more.items.length > 0 ? more.first_row : page.first_row;
    return { ...page, items: [...more.items, ...page.items], has_prev, prev_cursor, first_row, search };
  }
  const { has_next, next_cursor, search } = more;
  const first_row = page.items.length > 0 ? page.first_row : more.first_row;
  return { ...page, items: [...page.items, ...more.items], has_next, next_cursor, first_row, search };
}
