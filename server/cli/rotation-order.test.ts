import fc from "fast-check";
import { expect, test } from "vitest";
import { compareFiles } from "./rotation-order";

test("rotated files come before the current one, oldest first, in the usual naming schemes", () => {
  const ordered = [
    "logs/a.log",
    "logs/access.log.10.gz",
    "logs/access.log.9.zst",
    "logs/access.log.2",
    "logs/access.log.1",
    "logs/access.log",
    "logs/error.2.log",
    "logs/error.1.log",
    "logs/error.log",
    "logs/site.log-20240131.gz",
    "logs/site.log-20240201",
    "logs/site.log",
    "logs/web-2024-01-31.log",
    "logs/web-2024-02-01.log",
    "logs/web.log",
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(ordered, { minLength: ordered.length }), (files) => {
      expect(files.toSorted(compareFiles)).toEqual(ordered);
    }),
    { numRuns: 50 },
  );
});
