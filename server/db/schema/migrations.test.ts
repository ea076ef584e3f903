import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";

test("no migration names a schema, so that the tables can be in any", async () => {
  const files = (await readdir("drizzle")).filter((file) => file.endsWith(".sql"));
  expect(files.length).toBeGreaterThan(20);
  const named: string[] = [];
  for (const file of files) {
    const text = await readFile(`drizzle/${file}`, "utf8");
    for (const [match] of text.matchAll(/"?\b(public|drizzle)\b"?\s*\.|CREATE SCHEMA/gi))
      named.push(`${file}: ${match}`);
  }
  // drizzle-kit writes "public" into references: remove it.
  expect(named).toEqual([]);
});
