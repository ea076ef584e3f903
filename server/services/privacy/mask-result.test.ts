import { expect, test } from "vitest";
import type { Mask } from "./mask";
import { maskBytes, maskResult } from "./mask-result";

const masked: Mask = { key: "ip_address", columns: new Set(["ip_address"]) };
const unmasked: Mask = { key: "", columns: new Set() };
const result = {
  deleted_count: 1,
  freed_bytes: 1_234,
  file: { size_bytes: 17, sha256: "ab" },
  parts: [{ freed_bytes: 5 }],
};

test("A viewer sees no size or checksum of a file in a job's result, and other bytes in whole megabytes", () => {
  expect(maskResult(result, masked)).toEqual({
    deleted_count: 1,
    freed_bytes: 1_048_576,
    file: { size_bytes: null, sha256: null },
    parts: [{ freed_bytes: 1_048_576 }],
  });
  expect(maskBytes(0, masked)).toBe(0);
});

test("A result is complete if nothing is masked", () => {
  expect(maskResult(result, unmasked)).toEqual(result);
  expect(maskBytes(1_234, unmasked)).toBe(1_234);
});
