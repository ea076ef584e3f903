import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { LOG_TABLE_NAMES, logTables } from "@/server/catalog";
import { derivedField, derivedFieldsOf } from "@/server/catalog/derived-fields";
import { SEGMENT_LAYOUT } from "./layout-version";

test("A changed rule of a field that segments contain has a new layout, so that no answer uses the old one", () => {
  const fields = LOG_TABLE_NAMES.map((table) =>
    derivedFieldsOf(logTables[table]).map((name) => derivedField(logTables[table], name)),
  );
  const rules = createHash("sha256").update(JSON.stringify(fields)).digest("hex");
  expect({ [SEGMENT_LAYOUT]: rules }).toEqual({
    4: "bf7630326bbd78c45f074285221dd61eef05533ae6dfbdcef125f138638b7e68",
  });
});
