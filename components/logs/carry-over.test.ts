import { describe, expect, it } from "vitest";
import { carriedHref } from "./carry-over";

const carried = (search: string) =>
  carriedHref("/logs/user-activities", "/logs/access-logs", new URLSearchParams(search)).slice(
    "/logs/user-activities".length,
  );

describe("A link to the other log table", () => {
  it("has the time range and the filters that both tables support", () => {
    expect(carried("range=7d&user_id=u7&status_code=5xx&cursor=x&row=y")).toBe("?range=7d&user_id=u7");
    expect(carried("start=2026-11-01&end=2026-11-30")).toBe("?start=2026-11-01&end=2026-11-30");
  });

  it("has the parts of an expression that the other table supports", () => {
    expect(carried(`range=all&filter=${encodeURIComponent("refund user_id:null request_path:/a*")}`)).toBe(
      "?range=all&filter=refund+user_id%3Anull",
    );
  });

  it("means all time like a page with filters and no range", () => {
    expect(carried("user_id=u7")).toBe("?user_id=u7&range=all");
    expect(carried("")).toBe("");
  });

  it("is bare on other pages", () => {
    expect(carriedHref("/logs/user-activities", "/exports", new URLSearchParams("range=7d"))).toBe(
      "/logs/user-activities",
    );
  });
});
