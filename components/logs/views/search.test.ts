import { describe, expect, it } from "vitest";
import { viewSearch } from "./search";

describe("A saved view", () => {
  it("ignores the order of parameters and the position in the list", () => {
    const saved = viewSearch("?status_code=4xx&range=1h&cols=created_at,os");
    expect(viewSearch("range=1h&cols=created_at%2Cos&status_code=4xx&cursor=abc&row=x&page=3")).toBe(saved);
  });

  it("depends on its filters", () => {
    expect(viewSearch("status_code=4xx")).not.toBe(viewSearch("status_code=5xx"));
    expect(viewSearch("")).toBe("");
  });
});
