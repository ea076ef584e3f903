import { describe, expect, it } from "vitest";
import { isSameOrigin } from "./same-origin";

const http = { appUrl: "http://127.0.0.1:3000" };
const https = { appUrl: "https://logs.example.com" };

describe("a change authenticated by cookie", () => {
  it.each([
    ["from APP_URL", http, { origin: "http://127.0.0.1:3000", host: "127.0.0.1:3000" }],
    ["from another loopback name", http, { origin: "http://localhost:3000", host: "localhost:3000" }],
    ["from a LAN address", http, { origin: "http://192.168.1.5:3000", host: "192.168.1.5:3000" }],
    ["when the browser sends same-origin", http, { "sec-fetch-site": "same-origin" }],
    ["from APP_URL behind a proxy that rewrites Host", https, { origin: "https://logs.example.com", host: "web:3000" }],
  ])("is accepted with %s", (_, config, headers) => {
    expect(isSameOrigin(config, new Headers(headers as Record<string, string>))).toBe(true);
  });

  it.each([
    ["from another site", http, { origin: "https://evil.example", host: "127.0.0.1:3000" }],
    ["from another port", http, { origin: "http://127.0.0.1:4000", host: "127.0.0.1:3000" }],
    ["when the browser sends same-site only", http, { "sec-fetch-site": "same-site", origin: "http://127.0.0.1:3000" }],
    ["when the browser sends cross-site", http, { "sec-fetch-site": "cross-site", origin: "http://127.0.0.1:3000" }],
    ["from a sandboxed frame", http, { origin: "null", host: "127.0.0.1:3000" }],
    ["without a sign of its origin", http, { host: "127.0.0.1:3000" }],
    ["from http under an https APP_URL", https, { origin: "http://logs.example.com", host: "logs.example.com" }],
  ])("is rejected with %s", (_, config, headers) => {
    expect(isSameOrigin(config, new Headers(headers as Record<string, string>))).toBe(false);
  });
});
