import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import en from "./en.json";

/** Where messages are provided: the layouts, each page inside them, and what Next.js shows in place of a page. */
const FILES = readdirSync("app", { recursive: true, encoding: "utf8" })
  .filter((file) => /(?:^|\/)(?:layout|page|not-found|forbidden)\.tsx$/.test(file))
  .map((file) => `app/${file}`)
  .sort();

/** Every message by its path, such as `nav.alerts`. */
const KEYS = Object.entries(en).flatMap(([namespace, group]) => keysOf(group, `${namespace}.`));

function keysOf(group: object, prefix: string): string[] {
  return Object.entries(group).flatMap(([key, value]: [string, unknown]) =>
    typeof value === "object" && value !== null ? keysOf(value, `${prefix}${key}.`) : [`${prefix}${key}`],
  );
}

/** The files of the interface that `entry` imports, also on demand, with itself. */
function filesOf(entry: string, found = new Set<string>()): Set<string> {
  found.add(entry);
  for (const file of importsOf(entry)) if (!found.has(file)) filesOf(file, found);
  return found;
}

/** The files that remain imported after compilation: imports of types do not. `void import(…)` only loads ahead. */
const importsOf = remembered((importer) => {
  const source = readFileSync(importer, "utf8");
  const atStart = [...source.matchAll(/^(?:import|export) (?!type )([^;"()=]*?) ?from "([^"]+)"/gm)]
    .filter(([, names = ""]) => !/^\{(?:\s*type [^,}]+,?)+\s*\}$/.test(names))
    .map(([, , name = ""]) => name);
  const onDemand = [...source.matchAll(/(?<!void )\bimport\("([^"]+)"\)/g)].map(([, name = ""]) => name);
  return [...atStart, ...onDemand].flatMap((name) => {
    const target = name.startsWith("@/") ? name.slice(2) : path.join(path.dirname(importer), name);
    if (!/^(?:@\/|\.)/.test(name) || !/^(?:app|components|server\/catalog)\//.test(target)) return [];
    return [`${target}.tsx`, `${target}.ts`, `${target}/index.ts`].find((file) => existsSync(file)) ?? [];
  });
});

function remembered(read: (file: string) => string[]): (file: string) => string[] {
  const known = new Map<string, string[]>();
  return (file) => {
    const values = known.get(file) ?? read(file);
    known.set(file, values);
    return values;
  };
}

/** The paths of the messages that a file of the interface may show: a namespace, or a part of one. */
const partsOf = remembered((file) => {
  const source = readFileSync(file, "utf8");
  const bound = [...source.matchAll(/useTranslations\("([^"]+)"\)/g)].map(([, name = ""]) => name);
  const whole = [...source.matchAll(/\{([^{}]+)\} = useMessages\(\)/g)].flatMap(([, names = ""]) =>
    names.split(",").map((name) => name.trim()),
  );
  const read = [...source.matchAll(/useMessages\(\)\.([\w.]+)/g)].map(([, name = ""]) => name);
  const named = [...source.matchAll(/["`]([A-Za-z]+\.[\w.-]*)(["`]|\$\{)/g)]
    .filter(([, head = "", end]) => KEYS.some((key) => (end === "${" ? key.startsWith(head) : key === head)))
    .map(([, head = ""]) => head);
  return [...bound, ...whole, ...read, ...named].map((name) => partOf(name));
});

/** Two levels at most: `cleanup.jobs` of `cleanup.jobs.ended`; `nav` of `nav.alerts`, which is a message itself. */
function partOf(name: string): string {
  const [namespace = "", part] = name.split(".");
  const group: unknown = (en as Record<string, Record<string, unknown>>)[namespace]?.[part ?? ""];
  return typeof group === "object" ? `${namespace}.${part}` : namespace;
}

/** Without what the layouts around it have. */
function partsOfEntry(entry: string): string[] {
  const files = filesOf(entry);
  const error = path.join(path.dirname(entry), "error.tsx");
  if (entry.endsWith("layout.tsx") && existsSync(error)) filesOf(error, files);
  const parts = new Set([...files].flatMap(partsOf));
  const around = FILES.filter(
    (other) => other.endsWith("layout.tsx") && other !== entry && entry.startsWith(path.dirname(other)),
  );
  const provided = new Set(around.flatMap(partsOfEntry));
  const isWithin = (part: string, others: Set<string>) => others.has(part.split(".")[0] ?? "") && part.includes(".");
  return [...parts].filter((part) => !provided.has(part) && !isWithin(part, provided) && !isWithin(part, parts)).sort();
}

/** Without what shows no messages but those of the layouts in place of a page. */
const ENTRIES = FILES.filter((file) => /(?:layout|page)\.tsx$/.test(file) || partsOfEntry(file).length > 0);

/** `npx vitest run messages -u` updates the file. */
it("Each page is sent the messages that it shows, and no others", async () => {
  const parts = Object.fromEntries(
    ENTRIES.map((entry) => [entry.slice("app/".length, -".tsx".length), partsOfEntry(entry)]),
  );
  await expect(`${JSON.stringify(parts, null, 2)}\n`).toMatchFileSnapshot("../app/message-parts.json");
});

it("Every layout and page that shows messages provides its own", () => {
  const without = ENTRIES.filter((entry) => {
    const own = entry.slice("app/".length, -".tsx".length);
    return !readFileSync(entry, "utf8").includes(`<Messages of="${own}"`);
  });
  expect(without).toEqual([]);
});
