import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GRID } from "@/server/catalog/dashboards";
import { compacted, freePlace, inOrder, type Place, rearranged } from "./layout";

const place = fc
  .record({
    w: fc.integer({ min: GRID.minWidth, max: GRID.columns }),
    h: fc.integer({ min: GRID.minHeight, max: GRID.maxHeight }),
    x: fc.nat(GRID.columns),
    y: fc.nat(30),
  })
  .map((one) => ({ ...one, x: Math.min(one.x, GRID.columns - one.w) }));
const layouts = fc
  .array(place, { minLength: 1, maxLength: 10 })
  .map((places) => compacted(places.map((one, index) => ({ ...one, id: String(index) }))));

/** Each cell belongs to one panel, within the grid, and no panel could be higher. */
function expectTidy(panels: readonly Place[]): void {
  const cells = new Map<string, string>();
  for (const { id, x, y, w, h } of panels) {
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x + w).toBeLessThanOrEqual(GRID.columns);
    for (let column = x; column < x + w; column++) {
      for (let row = y; row < y + h; row++) {
        expect(cells.get(`${column} ${row}`)).toBeUndefined();
        cells.set(`${column} ${row}`, id);
      }
    }
  }
  for (const { x, y, w } of panels.filter((one) => one.y > 0)) {
    const above = Array.from({ length: w }, (_, index) => cells.get(`${x + index} ${y - 1}`));
    expect(above.some((id) => id !== undefined)).toBe(true);
  }
}

describe("The panels of a dashboard", () => {
  it("never overlap or leave the grid, wherever one is dragged and however it is resized", () => {
    const change = fc.record(
      { x: fc.integer({ min: -9, max: 20 }), y: fc.integer({ min: -9, max: 40 }), w: fc.nat(20), h: fc.nat(20) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(layouts, fc.nat(9), change, (panels, index, to) => {
        const moved = rearranged(panels, String(index % panels.length), to);
        expectTidy(moved);
        expect(moved.map(({ id }) => id)).toEqual(panels.map(({ id }) => id));
      }),
      { numRuns: 200 },
    );
  });

  it("get a new one in the first free place", () => {
    const panels = [{ id: "a", x: 0, y: 0, w: 6, h: 4 }];
    expect(freePlace(panels, 6, 4)).toEqual({ x: 6, y: 0, w: 6, h: 4 });
    expect(freePlace(panels, 12, 4)).toEqual({ x: 0, y: 4, w: 12, h: 4 });
  });

  it("exchange their places when one is moved onto another", () => {
    const panels = [
      { id: "a", x: 0, y: 0, w: 12, h: 4 },
      { id: "b", x: 0, y: 4, w: 12, h: 4 },
    ];
    expect(inOrder(rearranged(panels, "b", { y: 0 })).map(({ id }) => id)).toEqual(["b", "a"]);
  });
});
