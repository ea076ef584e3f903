import { randomUUID } from "node:crypto";
import { readFile, rename, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Context, provideContext } from "@/server/process/context";
import { createApiKey } from "@/server/services/accounts";
import { listExports, runExport } from "@/server/services/exports";
import { insertUserActivities } from "@/server/services/intake";
import { UNFENCED } from "@/server/services/jobs";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { GET } from "./route";

let opened: TestContext;
let ctx: Context;
let authorization: string;
let fileName: string;
let whole: Buffer;
let etag: string;

beforeAll(async () => {
  opened = await createTestContext();
  ctx = opened.context;
  provideContext(ctx);
  authorization = `Bearer ${(await createApiKey(ctx, { name: "downloader", role: "operator" })).key}`;
  await insertUserActivities(ctx, [{ user_id: "1", action: "登录" }]);
  ({ fileName, whole, etag } = await makeExport());
});
afterAll(() => opened?.close());

async function makeExport() {
  const result = await runExport(ctx, {
    id: randomUUID(),
    params: { export_type: "user_activities", format: "csv", filters: {}, compress: "none", bom: false },
    requestedBy: "tester",
    attempt: 1,
    signal: new AbortController().signal,
    fence: UNFENCED,
    progress: () => {},
  });
  const bytes = await readFile(path.join(ctx.config.dataDir, result.file_path));
  return { fileName: result.file_name, whole: bytes, etag: `"${result.sha256}"` };
}

/** @param query as in the URL, including escapes */
async function send(query: string, headers: Record<string, string> = {}, method = "GET") {
  const request = new Request(`http://127.0.0.1:3000/x?file_path=${query}`, {
    method,
    headers: { authorization, ...headers },
  });
  const response = await GET(request);
  return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
}

it("returns the file by its file_path and by its absolute path, counts and audits the download", async () => {
  for (const query of [`exports/${fileName}`, encodeURIComponent(path.join(ctx.config.dataDir, "exports", fileName))]) {
    const { status, headers, body } = await send(query);
    expect([status, body.equals(whole)]).toEqual([200, true]);
    expect(Object.fromEntries(headers)).toMatchObject({
      "accept-ranges": "bytes",
      "content-length": String(whole.length),
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${fileName}"; filename*=UTF-8''${fileName}`,
      etag,
    });
  }
  expect((await listExports(ctx, { limit: 1 })).items[0]?.downloads).toBe(2);
  const audit = await ctx.db.sql`select actor_name, details from audit_log where action = 'export.download'`;
  expect(audit).toHaveLength(2);
  expect(audit[0]).toMatchObject({ actor_name: "downloader", details: { file_name: fileName } });
});

it("answers HEAD with the same headers, no body and no count", async () => {
  const before = (await listExports(ctx, { limit: 1 })).items[0]?.downloads;
  const { status, headers, body } = await send(`exports/${fileName}`, {}, "HEAD");
  expect([status, body.length, headers.get("content-length")]).toEqual([200, 0, String(whole.length)]);
  expect((await listExports(ctx, { limit: 1 })).items[0]?.downloads).toBe(before);
});

it("resumes an interrupted download", async () => {
  const start = await send(`exports/${fileName}`, { range: "bytes=0-99" });
  const rest = await send(`exports/${fileName}`, { range: "bytes=100-", "if-range": etag });
  expect([start.status, rest.status]).toEqual([206, 206]);
  expect(rest.headers.get("content-range")).toBe(`bytes 100-${whole.length - 1}/${whole.length}`);
  expect(Buffer.concat([start.body, rest.body]).equals(whole)).toBe(true);
});

const ETAG = (known: string) => known.replace("ETAG", () => etag);

it.each([
  // RFC 9110, 13.2.2: If-Match first, then If-None-Match, then If-Range and Range.
  [{ "if-match": "ETAG" }, 200],
  [{ "if-match": '"x", ETAG' }, 200],
  [{ "if-match": "*" }, 200],
  [{ "if-match": '"x"' }, 412],
  [{ "if-match": "W/ETAG" }, 412],
  [{ "if-match": '"x"', "if-none-match": "ETAG" }, 412],
  [{ "if-match": '"x"', range: "bytes=0-1" }, 412],
  [{ "if-match": "ETAG", range: "bytes=0-1" }, 206],
  [{ "if-match": "ETAG", "if-unmodified-since": "Sun, 06 Nov 1994 08:49:37 GMT" }, 200],
  [{ "if-unmodified-since": "Sun, 06 Nov 1994 08:49:37 GMT" }, 412],
  [{ "if-unmodified-since": "Sunday, 06-Nov-94 08:49:37 GMT" }, 412],
  [{ "if-unmodified-since": "Sun Nov  6 08:49:37 1994" }, 412],
  [{ "if-unmodified-since": "Fri, 01 Jan 2100 00:00:00 GMT", range: "bytes=0-1" }, 206],
  [{ "if-unmodified-since": "yesterday" }, 200],
  [{ "if-none-match": "ETAG" }, 304],
  [{ "if-none-match": 'W/"x", W/ETAG' }, 304],
  [{ "if-none-match": "*", range: "bytes=0-1" }, 304],
  [{ "if-none-match": '"x"', range: "bytes=0-1" }, 206],
  [{ "if-none-match": '"x"', "if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT" }, 200],
  [{ "if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT" }, 304],
  [{ "if-modified-since": "Sun, 06 Nov 1994 08:49:37 GMT" }, 200],
  [{ "if-range": "ETAG", range: "bytes=0-1" }, 206],
  [{ "if-range": '"x"', range: "bytes=0-1" }, 200],
  [{ "if-range": "ETAG" }, 200],
  [{ range: "bytes=99999999-" }, 416],
] as const)("answers %j with %d, HEAD as GET", async (fields, status) => {
  const headers = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, ETAG(value)]));
  const got = await send(`exports/${fileName}`, headers);
  const head = await send(`exports/${fileName}`, headers, "HEAD");
  const shown = ({ headers: sent }: typeof got) => {
    const { "x-request-id": _, ...rest } = Object.fromEntries(sent);
    return rest;
  };
  expect([got.status, head.status, head.body.length]).toEqual([status, status, 0]);
  expect(shown(head)).toEqual(shown(got));
  if (status < 400 && status !== 304) expect(got.headers.get("content-length")).toBe(String(got.body.length));
});

it("audits denied downloads with the caller and the reason", async () => {
  const viewer = (await createApiKey(ctx, { name: "onlooker", role: "viewer" })).key;
  await send(`exports/${fileName}`, { authorization: `Bearer ${viewer}` });
  await send("exports/none.csv");
  await send(`exports/${fileName}`, { "if-match": '"x"' });
  const refused = await ctx.db.sql`
    select actor_name, details->>'file_path' as path from audit_log
    where action = 'export.download' and result = 'refused' order by created_at desc limit 3`;
  expect([...refused].reverse()).toEqual([
    { actor_name: "onlooker", path: `exports/${fileName}` },
    { actor_name: "downloader", path: "exports/none.csv" },
    { actor_name: "downloader", path: `exports/${fileName}` },
  ]);
});

it.each([
  [{ range: "bytes=-5" }, 206, 5],
  [{ range: "bytes=5-5" }, 206, 1],
  [{ range: "bytes=0-999999999" }, 206, undefined],
  [{ range: "bytes=0-1,5-6" }, 200, undefined],
  [{ range: "rows=0-1" }, 200, undefined],
  [{ range: `bytes=0${" ".repeat(15_000)}x` }, 200, undefined],
  [{ range: "bytes=9-3" }, 200, undefined],
  [{ range: "bytes=5-", "if-range": '"another file"' }, 200, undefined],
  [{ range: "bytes=5-", "if-range": "Mon, 06 May 2024 07:08:09 GMT" }, 200, undefined],
] as const)("answers %j with %d", async (headers, status, length) => {
  const answer = await send(`exports/${fileName}`, headers);
  expect([answer.status, answer.body.length]).toEqual([status, length ?? whole.length]);
});

it("answers 416 with the size beyond the end, and 304 to a client that has the file", async () => {
  const behind = await send(`exports/${fileName}`, { range: `bytes=${whole.length}-` });
  expect([behind.status, behind.headers.get("content-range")]).toEqual([416, `bytes */${whole.length}`]);
  expect((await send(`exports/${fileName}`, { "if-none-match": etag })).status).toBe(304);
});

it("returns nothing outside the exports folder, with any spelling of the path", async () => {
  const { dataDir } = ctx.config;
  await writeFile(path.join(dataDir, "secret"), "secret");
  await writeFile(path.join(dataDir, "exports", "unrecorded.csv"), "secret");
  const tricks = [
    "",
    ".",
    "/",
    "exports",
    "exports/",
    "exports/.",
    "exports/..",
    "exports/../secret",
    "exports%2F..%2Fsecret",
    "exports/%2e%2e/secret",
    "exports/%252e%252e/secret",
    "exports/..%5csecret",
    "exports%5c..%5csecret",
    "exports/%c0%ae%c0%ae/secret",
    "exports/%e0%80%ae%e0%80%ae/secret",
    "exports/..%00/secret",
    `exports/${fileName}%00`,
    `exports/${fileName}%00.csv`,
    `exports/./${fileName}`,
    `exports//${fileName}`,
    `exports/${fileName}/`,
    `exports/${fileName.toUpperCase()}`,
    `exports/${fileName}::$DATA`,
    `exports/${fileName}.`,
    `exports/${fileName}%20`,
    "exports/CON",
    "exports/nul.csv",
    "exports/unrecorded.csv",
    `./exports/${fileName}`,
    `EXPORTS/${fileName}`,
    fileName,
    "C:%5cWindows%5cwin.ini",
    "%5c%5chost%5cshare%5cfile",
    "/etc/passwd",
    "/proc/self/environ",
    "file:///etc/passwd",
    encodeURIComponent(path.join(dataDir, "secret")),
    encodeURIComponent(path.join(dataDir, "exports", "..", "secret")),
    encodeURIComponent(`${dataDir}/exports/../secret`),
    encodeURIComponent(`${dataDir}/exports//${fileName}`),
    "x".repeat(5_000),
    "%ed%a0%80",
  ];
  for (const trick of tricks) expect([trick, (await send(trick)).status]).toEqual([trick, 404]);
});

it("returns neither a link in place of a file, nor a file that differs from the one written", async () => {
  const created = await makeExport();
  const file = path.join(ctx.config.dataDir, "exports", created.fileName);
  await rename(file, `${file}.moved`);
  await symlink(`${file}.moved`, file);
  expect((await send(`exports/${created.fileName}`)).status).toBe(404);
  await rename(`${file}.moved`, file);
  expect((await send(`exports/${created.fileName}`)).status).toBe(200);
  await writeFile(file, "short");
  expect((await send(`exports/${created.fileName}`)).status).toBe(404);
});
