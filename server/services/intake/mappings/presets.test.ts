import { describe, expect, it } from "vitest";
import { logTables } from "@/server/catalog";
import { detectFormat } from "@/server/catalog/formats";
import { loadConfig } from "@/server/process/config";
import { prepareBatch } from "../events/prepare";
import { detectMapping } from "../read/detect-mapping";
import { readRecords } from "../read/records";
import { NO_RULES } from "../rules/rule-set";
import { compileMapping } from "./mapping";
import { PRESET_EXAMPLES } from "./preset-examples";
import { PRESETS } from "./presets";

const ctx = { config: loadConfig({ APP_TIMEZONE: "UTC" }), now: () => new Date("2026-11-30T00:00:00Z") };

async function* only(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function rowsOf(expression: string, text: string) {
  const preset = PRESETS.find(({ name }) => name === expression);
  const table = logTables[preset?.table ?? "access_logs"];
  const mapping = compileMapping(expression, table);
  const format = mapping.reads.kind === "events" ? "ndjson" : "combined";
  const { blocks } = await readRecords(only(text), format, table, mapping);
  const rows: Record<string, unknown>[] = [];
  for await (const block of blocks) {
    for (const { error } of block) expect(error).toBeUndefined();
    const batch = await prepareBatch(
      ctx,
      table.name,
      block.map(({ event, text: raw }) => ({ event, raw, fallbackId: "" })),
      { receivedAt: "2026-11-30T00:00:00.000000Z", source: "test", format: "json", rules: NO_RULES },
    );
    expect(batch.dead).toEqual([]);
    for (const row of batch.rows) {
      const cells = table.columns.map(({ name, type }, index) => {
        const value = row[index] ?? null;
        return [name, value !== null && (type === "jsonb" || type === "integer") ? JSON.parse(value) : value];
      });
      rows.push(Object.fromEntries(cells));
    }
  }
  return rows;
}

describe("presets", () => {
  it.each(PRESET_EXAMPLES.map((example) => [example.preset, example] as const))(
    "%s reads its documented example",
    async (_, { preset, text, row }) => {
      expect(await rowsOf(preset, text)).toMatchObject([row]);
    },
  );

  it("have an example and a source each", () => {
    const tested = new Set(PRESET_EXAMPLES.map(({ preset }) => preset));
    expect(PRESETS.filter(({ name }) => !tested.has(name))).toEqual([]);
    for (const { source } of PRESETS) expect(source).toMatch(/^https:/);
  });

  /** Read by the usual names and formats, which have precedence. */
  const USUAL = new Set(["nginx-main", "traefik-clf", "aliyun-sls"]);

  it.each(PRESET_EXAMPLES.map((example) => [example.preset, example] as const))(
    "%s is detected by the first lines of a file, unless the usual formats read them",
    async (_, { preset, text }) => {
      const table = PRESETS.find(({ name }) => name === preset)?.table ?? "access_logs";
      const detected = await detectMapping(ctx, text, detectFormat(text), table);
      // A Fluent Bit record of a container's line is like one of Docker.
      const same = preset === "fluent-bit" ? ["docker", "fluent-bit"] : [preset];
      if (USUAL.has(preset)) expect(detected).toBeUndefined();
      else expect(same).toContain(detected?.preset);
    },
  );

  it("follow a header that changes in the middle of a file", async () => {
    const text = [
      "#Fields: date time c-ip cs-method cs-uri-stem sc-status",
      "2026-11-30 10:00:00 203.0.113.7 GET /a 200",
      "#Fields: date time cs-method cs-uri-stem c-ip time-taken",
      "2026-11-30 10:00:01 POST /b 203.0.113.8 15",
    ].join("\r\n");
    expect(await rowsOf("w3c", text)).toMatchObject([
      { ip_address: "203.0.113.7", request_path: "/a", status_code: 200, response_time: null },
      { ip_address: "203.0.113.8", request_path: "/b", status_code: null, response_time: 15 },
    ]);
  });
});
