import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { COMMAND_LINE } from "@/server/process/context";
import { listDeadLetters, replayDeadLetters } from "@/server/services/dead-letters";
import { listImports } from "@/server/services/imports";
import { ingest } from "@/server/services/intake";
import type { MappingChoice } from "@/server/services/intake/contract";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { getMapping, listMappings, removeMapping, resolveMapping, saveMapping } from ".";

let test: TestContext;
beforeAll(async () => {
  test = await createTestContext();
});
afterAll(() => test.close());
beforeEach(async () => {
  await test.context.db.sql`truncate access_logs, dead_letters, imports, import_tallies, mappings`;
});

const TIMED = `log_format timed '$remote_addr [$time_local] "$request" $status $request_time';`;
const LINE = '203.0.113.7 [30/Nov/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 0.012';

async function* only(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function store(text: string, mapping?: MappingChoice) {
  return await ingest(test.context, "access_logs", only(text), {
    format: "auto",
    mode: "direct",
    fileName: "a.log",
    mapping,
  });
}

const pasted = (expression: string): MappingChoice => ({ label: expression, expression });

describe("a mapping of an import", () => {
  it("stores a file once, also under the mapping's name, and again with another mapping", async () => {
    await saveMapping(test.context, COMMAND_LINE, { name: "edge", table: "access_logs", expression: TIMED });
    const text = `${LINE}\n${LINE}\n`;
    expect(await store(text, pasted(TIMED))).toMatchObject({ inserted: 2, rejected: 0 });
    expect(await store(text, pasted(TIMED))).toMatchObject({ inserted: 0, duplicates: 2 });
    const named = await resolveMapping(test.context, "edge", "access_logs");
    expect(await store(text, named)).toMatchObject({ inserted: 0, duplicates: 2, mapping: "edge@1" });
    const other = TIMED.replace("$request_time", "$upstream_response_time");
    expect(await store(text, pasted(other))).toMatchObject({ inserted: 2, duplicates: 0 });
    const rows = await test.context.db.sql`select response_time, extra from access_logs order by response_time`;
    expect(rows).toMatchObject([
      { response_time: 12 },
      { response_time: 12 },
      { response_time: null, extra: { upstream_response_time: 0.012 } },
      { response_time: null },
    ]);
    const { items } = await listImports(test.context, { limit: 10 });
    expect(items.map(({ mapping }) => mapping)).toEqual([other, "edge@1", TIMED, TIMED]);
  });

  it("reads its dead letters when they are edited and replayed", async () => {
    expect(await store(`${LINE}\n203.0.113.7 - broken\n`, pasted(TIMED))).toMatchObject({ inserted: 1, rejected: 1 });
    const { items } = await listDeadLetters(test.context, { limit: 10 });
    expect(items).toMatchObject([{ mapping: TIMED, error: { code: "event.not_in_format" } }]);
    const payload = LINE.replace("/a", "/fixed");
    const result = await replayDeadLetters(test.context, { ids: [items[0]?.id ?? ""] }, COMMAND_LINE, payload);
    expect(result).toMatchObject({ replayed: 1, inserted: 1 });
    const rows = await test.context.db.sql`select request_path, response_time from access_logs order by request_path`;
    expect(rows).toMatchObject([{ request_path: "/a" }, { request_path: "/fixed", response_time: 12 }]);
  });

  it("maps the columns of JSON and CSV", async () => {
    const pairs = pasted("ip_address=request.remote_ip,request_path=request.uri,response_time=duration:s");
    const json =
      '{"request":{"remote_ip":"203.0.113.7","uri":"/a","host":"example.com"},"duration":0.25,"status":404}\n';
    expect(await store(json, pairs)).toMatchObject({ inserted: 1 });
    const csv = "Client Address;Page;Took\n203.0.113.8;/b;1500\n";
    expect(
      await store(csv, pasted('ip_address=Client Address,request_path="Page",response_time=Took:us')),
    ).toMatchObject({ inserted: 1 });
    const rows = await test.context.db.sql`
      select host(ip_address) as ip, request_path, response_time, status_code, extra from access_logs order by request_path`;
    expect(rows).toMatchObject([
      {
        ip: "203.0.113.7",
        request_path: "/a",
        response_time: 250,
        status_code: 404,
        extra: { request: { host: "example.com" } },
      },
      { ip: "203.0.113.8", request_path: "/b", response_time: 2, extra: null },
    ]);
  });

  it("is detected if the usual formats do not read the file, and stated", async () => {
    const line =
      '{"ts":1646861401.5,"request":{"client_ip":"203.0.113.7","method":"GET","uri":"/"},"duration":0.01,"status":200}';
    expect(await store(`${line}\n`)).toMatchObject({ inserted: 1, mapping: "caddy" });
    expect(await store(`${line}\n`)).toMatchObject({ duplicates: 1, mapping: "caddy" });
    expect(await store('{"ip_address":"203.0.113.7","request_path":"/"}\n')).toMatchObject({
      inserted: 1,
      mapping: null,
    });
  });
});

describe("named mappings", () => {
  it("have versions, each of which can be named", async () => {
    const save = (expression: string) =>
      saveMapping(test.context, COMMAND_LINE, { name: "edge", table: "access_logs", expression });
    expect(await save(TIMED)).toMatchObject({ version: 1 });
    expect(await save(TIMED)).toMatchObject({ version: 1 });
    const second = "$remote_addr $request_uri";
    expect(await save(second)).toMatchObject({
      version: 2,
      versions: [{ version: 2 }, { version: 1, expression: TIMED }],
    });
    expect(await resolveMapping(test.context, "edge", "access_logs")).toEqual({ label: "edge@2", expression: second });
    expect(await resolveMapping(test.context, "edge@1", "access_logs")).toEqual({ label: "edge@1", expression: TIMED });
    await expect(resolveMapping(test.context, "edge@3", "access_logs")).rejects.toMatchObject({
      code: "mapping.not_found",
    });
    await expect(resolveMapping(test.context, "edge", "user_activities")).rejects.toMatchObject({
      code: "mapping.wrong_table",
    });
    const { items, presets } = await listMappings(test.context);
    expect(items).toMatchObject([{ name: "edge", version: 2 }]);
    expect(presets.map(({ name }) => name)).toContain("haproxy");
    await removeMapping(test.context, COMMAND_LINE, "edge");
    expect((await listMappings(test.context)).items).toEqual([]);
    await expect(getMapping(test.context, "edge")).rejects.toMatchObject({ code: "mapping.unknown" });
    expect(await save(TIMED)).toMatchObject({ version: 3 });
    const audited = await test.context.db
      .sql`select action from audit_log where action like 'mapping.%' order by created_at`;
    expect(audited.slice(-4).map(({ action }) => action)).toEqual([
      "mapping.save",
      "mapping.save",
      "mapping.remove",
      "mapping.save",
    ]);
  });

  it("are refused with the position of the error, and under the name of a preset", async () => {
    const save = (name: string, expression: string) =>
      saveMapping(test.context, COMMAND_LINE, { name, table: "access_logs", expression });
    await expect(save("edge", "$remote_addr$request")).rejects.toMatchObject({
      code: "mapping.adjacent",
      errors: [{ position: 12 }],
    });
    await expect(save("caddy", TIMED)).rejects.toMatchObject({ code: "mapping.preset_name" });
  });
});
