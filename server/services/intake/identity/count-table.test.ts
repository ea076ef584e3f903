import fc from "fast-check";
import { expect, test } from "vitest";
import { CountTable } from "./count-table";

test("a count table behaves like a Map, for any number of keys", () => {
  const key = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 4_294_967_295 }));
  fc.assert(
    fc.property(fc.array(key, { maxLength: 3_000, size: "max" }), (keys) => {
      const table = new CountTable();
      const map = new Map<string, number>();
      const all = () => keys.map(([high, low]) => table.get(high, low));
      for (const [high, low] of keys) {
        table.set(high, low, table.get(high, low) + 1);
        map.set(`${high}:${low}`, (map.get(`${high}:${low}`) ?? 0) + 1);
      }
      expect(all()).toEqual(keys.map(([high, low]) => map.get(`${high}:${low}`)));
      table.clear();
      expect(all()).toEqual(keys.map(() => 0));
    }),
    { numRuns: 20 },
  );
});
