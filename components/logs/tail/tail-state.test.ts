import { describe, expect, it } from "vitest";
import type { LogRow } from "../log-row";
import { MAX_TAIL_ROWS, NO_TAIL, type TailState, tailReducer } from "./tail-state";

function row(second: number): LogRow {
  const created_at = new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString();
  return { id: String(second).padStart(8, "0"), created_at };
}

const seconds = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => row(from + index));

function take(
  state: TailState,
  rows: readonly LogRow[],
  { isPaused = false, skipped = 0, view = "all" } = {},
): TailState {
  return tailReducer(state, { type: "rows", view, rows, skipped, isPaused });
}

const ids = (state: TailState) => state.rows.map(({ id }) => Number(id));

describe("New rows", () => {
  const start = take(NO_TAIL, seconds(0, 3));

  it("are sorted newest first, a late row by its time", () => {
    expect(ids(take(start, [row(9), row(7)]))).toEqual([9, 7, 2, 1, 0]);
    expect(ids(take(take(start, [row(9)]), [row(5)]))).toEqual([9, 5, 2, 1, 0]);
  });

  it("are shown once, even if they arrive repeatedly", () => {
    expect(ids(take(take(start, seconds(1, 5)), seconds(3, 6)))).toEqual([5, 4, 3, 2, 1, 0]);
  });

  it("are held back while the user reads, and all are shown afterwards", () => {
    const paused = take(take(start, [row(3)], { isPaused: true }), [row(4), row(3)], { isPaused: true });
    expect(ids(paused)).toEqual([2, 1, 0]);
    expect(paused.waitingCount).toBe(2);
    const released = tailReducer(paused, { type: "release" });
    expect(ids(released)).toEqual([4, 3, 2, 1, 0]);
    expect(released.waitingCount).toBe(0);
  });

  it("are limited in number, and each is counted correctly", () => {
    const many = take(start, seconds(10, 10 + 2 * MAX_TAIL_ROWS), { isPaused: true });
    expect(many.waitingCount).toBe(2 * MAX_TAIL_ROWS);
    expect(many.waiting).toHaveLength(MAX_TAIL_ROWS);
    const shown = tailReducer(many, { type: "release" });
    expect(shown.rows).toHaveLength(MAX_TAIL_ROWS);
    expect(ids(shown)[0]).toBe(9 + 2 * MAX_TAIL_ROWS);
    expect(take(shown, [row(1)])).toBe(shown);
  });

  it("include the number of rows that the server skipped", () => {
    expect(take(take(start, [], { skipped: 5 }), [row(8)], { skipped: 2 }).skipped).toBe(7);
  });

  it("of another list replace all rows", () => {
    const other = take(take(start, [row(4)], { isPaused: true, skipped: 3 }), [row(90)], {
      view: "filtered",
      isPaused: true,
    });
    expect(ids(other)).toEqual([90]);
    expect(other).toMatchObject({ waitingCount: 0, skipped: 0 });
  });
});
