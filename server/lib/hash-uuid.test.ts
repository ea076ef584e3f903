import { hash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { hashUuid } from "./hash-uuid";

test("A hash always gives the same valid UUID, also across versions of the console", () => {
  expect(hashUuid(hash("sha1", "line"), 5)).toBe("264f39ca-b871-54cf-965b-3a002f725588");
  fc.assert(
    fc.property(fc.string(), fc.constantFrom<5 | 8>(5, 8), (text, version) => {
      const uuid = hashUuid(hash("sha256", text), version);
      expect(z.uuid().safeParse(uuid).success).toBe(true);
      expect(uuid[14]).toBe(String(version));
    }),
  );
});
