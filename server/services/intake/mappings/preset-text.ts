import type { LogTable } from "@/server/catalog";
import { errorValue } from "@/server/catalog/errors";
import { parseNginxFormat } from "./nginx-format";
import { isObject } from "./pairs";
import type { Preset } from "./presets";
import { compileText, type LineParser } from "./text-mapping";

/** Compiles the formats of a preset; a line is read by the first that it fits. */
export function compilePresetText(preset: Extract<Preset, { kind: "text" }>, table: LogTable): LineParser {
  const parsers = preset.formats.map((format) =>
    compileText(
      parseNginxFormat(format, (name) => {
        const field = Object.hasOwn(preset.fields, name) ? preset.fields[name] : undefined;
        return { name, ...(field ?? { kind: "word" }) };
      }),
      table,
    ),
  );
  return (line) => {
    const prefix = preset.prefix?.exec(line)?.[0] ?? "";
    const text = line.slice(prefix.length);
    let first: ReturnType<LineParser> | undefined;
    for (const parse of parsers) {
      const parsed = parse(text);
      if ("event" in parsed) {
        if (prefix !== "" && isObject(parsed.event)) {
          parsed.event.extra = { ...(isObject(parsed.event.extra) && parsed.event.extra), prefix: prefix.trimEnd() };
        }
        return parsed;
      }
      first ??= parsed;
    }
    return first ?? { error: errorValue("event.not_in_format", { field: preset.name }) };
  };
}
