import { describe, expect, it } from "vitest";
import { safeNext } from "./safe-next";

describe("After sign-in", () => {
  it("the user returns to the requested page with its filters", () => {
    expect(safeNext("/logs/access-logs?status_code=5xx")).toBe("/logs/access-logs?status_code=5xx");
  });

  it.each([
    undefined,
    "",
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    "logs",
    "/login?next=/login",
  ])("a person is never sent to another site or in a circle (%j)", (next) => {
    expect(safeNext(next)).toBe("/");
  });
});
