import { expect, test } from "vitest";
import { openCursor, sealCursor } from "./cursor";
import { derivedKey } from "./derived-key";

const SECRET = "a secret that is at least 32 characters";
const KEYS = {
  cookies: "32h1nwMNLUXxYJpFocFx-U9Cj-hApsD9BqjR2xe0anI",
  "known browsers": "MMUvqF3Miz1A03sJIr_QAq_WtNCV0ktOzQ1JMMD54Ls",
  cursors: "upx6CIzBxTj-3DPAP0DNvPLuQzUSPWSpfeJRKkAgM90",
  "cache keys": "MVCvNgPQbgwT4-r0QmR0on_jtY8OYC4kX-8v7ucXTo4",
} as const;

test("Each purpose has its own key, the same in every process and version, so that sessions and cursors outlive a restart", () => {
  const purposes = ["cookies", "known browsers", "cursors", "cache keys"] as const;
  expect(Object.fromEntries(purposes.map((purpose) => [purpose, derivedKey(SECRET, purpose)]))).toEqual(KEYS);
  expect(new Set([SECRET, ...Object.values(KEYS)]).size).toBe(purposes.length + 1);
  expect(derivedKey(`${SECRET}.`, "cookies")).not.toBe(KEYS.cookies);
});

test("A cursor is signed with the key of cursors; neither the secret nor the key of cookies can sign one", () => {
  const cursor = sealCursor(SECRET, "list", ["1"]);
  expect(openCursor(SECRET, "list", cursor)).toEqual(["1"]);
  for (const other of [KEYS.cookies, KEYS.cursors, `${SECRET}.`]) {
    expect(sealCursor(other, "list", ["1"])).not.toBe(cursor);
    expect(() => openCursor(SECRET, "list", sealCursor(other, "list", ["1"]))).toThrow(
      expect.objectContaining({ kind: "BAD_REQUEST" }),
    );
  }
});
