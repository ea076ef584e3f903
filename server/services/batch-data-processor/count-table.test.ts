import fc from "fast-check";
import { expect, test } from "vitest";
import { CountTable } from "./count-table";

test("a count table answers as a Map does, however many keys it holds", () => {
  const key = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 4_294_967_295 }));
  fc.assert(
    fc.property(fc.array(key, { maxLength: 3_000, size: "max" }), (keys) => {
      const table = new CountTable();
      const map = new Map<string, number>();
      for (const [high, low] of keys) {
        expect(table.get(high, low)).toBe(map.get(`${high}:${low}`) ?? 0);
        const count = (map.get(`${high}:${low}`) ?? 0) + 1;
        table.set(high, low, count);
        map.set(`${high}:${low}`, count);
      }
      for (const [high, low] of keys) expect(table.get(high, low)).toBe(map.get(`${high}:${low}`));
      table.clear();
      for (const [high, low] of keys) expect(table.get(high, low)).toBe(0);
    }),
    { numRuns: 20 },
  );
});
