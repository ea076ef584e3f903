import { expect, test } from "vitest";
import { type LoadedPage, loadProgressively } from "./progressive-page";

/** Times from 30 to 1, newest first, of which every fifth matches; each request searches four. */
async function search(from: number, size: number): Promise<LoadedPage> {
  const times = [0, 1, 2, 3].map((at) => from - at).filter((time) => time > 0);
  const items = times.filter((time) => time % 5 === 0).map((time) => ({ id: String(time), created_at: String(time) }));
  const next = from - 4;
  const cursor = next > 0 ? String(next) : null;
  return {
    items: items.slice(0, size),
    has_next: cursor !== null,
    has_prev: from < 30,
    next_cursor: cursor,
    prev_cursor: null,
    first_row: items.length > 0 ? 1 : null,
    total: null,
    total_is_exact: false,
    page: null,
    page_size: size,
    total_pages: null,
    ...(cursor !== null && { search: { cursor, searched_to: cursor } }),
  };
}

const load = (size: number, stopAfter = Number.POSITIVE_INFINITY, begun?: LoadedPage) => {
  const shown: number[] = [];
  let isStopped = false;
  const page = loadProgressively({
    size,
    request: (next) => {
      if (isStopped) return Promise.reject(new Error("aborted"));
      return next ? search(Number(next.cursor), next.page_size) : search(30, size);
    },
    begun,
    onProgress: ({ items }) => {
      shown.push(items.length);
      isStopped = shown.length === stopAfter;
    },
    isStopped: () => isStopped,
  });
  return { page, shown };
};

const idsOf = ({ items }: LoadedPage) => items.map(({ id }) => id);

test("The rows of a search are shown as they are found, until the page is full or everything was searched", async () => {
  const all = load(20);
  expect(idsOf(await all.page)).toEqual(["30", "25", "20", "15", "10", "5"]);
  expect(all.shown).toEqual([1, 2, 3, 4, 4, 5, 6]);
  expect(await all.page).toMatchObject({ has_next: false, has_prev: false, first_row: 1 });
  const full = load(2);
  expect(idsOf(await full.page)).toEqual(["30", "25"]);
  expect((await full.page).next_cursor).toBe("22");
});

test("A search that is stopped keeps its rows, and continues where it stopped", async () => {
  const stopped = await load(20, 3).page;
  expect(idsOf(stopped)).toEqual(["30", "25", "20"]);
  expect(stopped.search).toEqual({ cursor: "18", searched_to: "18" });
  expect(idsOf(await load(20, Number.POSITIVE_INFINITY, stopped).page)).toEqual(["30", "25", "20", "15", "10", "5"]);
});
