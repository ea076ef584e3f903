import { expect, it } from "vitest";
import { drawnMonths } from "./drawn-months";

const month = (name: string, matched_count: number, kept_count: number) => ({
  month: name,
  matched_count,
  kept_count,
  kept_count_is_exact: true,
  matched_bytes: 0,
  is_whole: false,
});

it("The chart of a cleanup shows a few rows next to millions, draws large months to scale, and omits empty months", () => {
  const drawn = drawnMonths([month("2026-01", 2, 3_000_000), month("2026-02", 0, 0), month("2026-03", 900_000, 0)]);
  expect(drawn.map(({ month, deletedHeight, keptHeight }) => [month, deletedHeight > 50_000, keptHeight])).toEqual([
    ["2026-01", true, 3_000_000],
    ["2026-03", true, 0],
  ]);
  expect(drawn[1]?.deletedHeight).toBe(900_000);
});
