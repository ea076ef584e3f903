import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "@/server/process/free-port";
import { type HttpServer, listen } from "./http-server";
import { secure } from "./security-headers";

let http: HttpServer;
let url: string;
let appUrl = "http://127.0.0.1:3000";

beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  http = await listen(port, "127.0.0.1", { prepare: (request, response) => secure(request, response, { appUrl }) });
  http.handle((request, response) => response.end(request.headers["content-security-policy"]));
});
afterAll(() => http.stop(8_000));

const policyOf = (response: Response) => response.headers.get("content-security-policy") ?? "";

test("Every response forbids framing, sniffing and caching, and sends no referrer to other sites", async () => {
  for (const path of ["/", "/login", "/api/health", "/api/v1/batch-processing/access-logs", "/nothing"]) {
    const { headers } = await fetch(url + path);
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(Object.fromEntries(headers)).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "permissions-policy": expect.stringContaining("camera=()"),
      "cache-control": "no-store",
    });
  }
  // The URL of a share link is a secret.
  for (const path of ["/shared/x", "/api/shared/x"]) {
    expect(Object.fromEntries((await fetch(url + path)).headers)).toMatchObject({
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
      "x-robots-tag": "noindex, nofollow",
    });
  }
  const download = await fetch(`${url}/api/v1/batch-processing/download?file_path=x`);
  expect(download.headers.get("cache-control")).toBe("private, no-cache, no-transform");
  expect((await fetch(`${url}/_next/static/chunks/a.js`)).headers.get("cache-control")).toBeNull();
});

test("A page's scripts need a nonce that is unpredictable and cannot be chosen by the client", async () => {
  const nonces = new Set<string>();
  for (let time = 0; time < 5; time++) {
    const response = await fetch(url, { headers: { "content-security-policy": "script-src 'nonce-mine'" } });
    const policy = policyOf(response);
    expect(await response.text()).toBe(policy);
    expect(/script-src ([^;]*)/.exec(policy)?.[1]).not.toMatch(/unsafe/);
    nonces.add(/'nonce-([\w+/=]{24})'/.exec(policy)?.[1] ?? "");
  }
  expect(nonces.size).toBe(5);
});

test("HSTS is sent only if the product uses https", async () => {
  expect((await fetch(url)).headers.get("strict-transport-security")).toBeNull();
  appUrl = "https://logs.example.com";
  expect((await fetch(url)).headers.get("strict-transport-security")).toBe("max-age=31536000");
});
