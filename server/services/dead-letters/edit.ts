import { logTables } from "@/server/catalog";
import { compileDatePattern } from "@/server/lib/date-pattern";
import { AppError, invalidInput } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { compileMapping, parsePath, replaceAt, replaceMapping } from "@/server/services/intake";
import { resolveMapping } from "@/server/services/mappings";
import type { GroupReplay, LetterChange } from "./contract";

/** How dead letters are changed before they are read. */
export interface LetterEdit {
  /** The mapping to read a letter with, instead of its own. */
  mapping(own: string | null): string | null;
  text(payload: string): string;
  /** Changes the event in place. */
  event(event: unknown): void;
}

/**
 * Resolves the mapping of a replay to its expression.
 * @throws AppError UNPROCESSABLE for an unknown or invalid mapping
 */
export async function resolveEdit(ctx: Context, { queue, map }: GroupReplay): Promise<string | null | undefined> {
  if (map === undefined || map === null) return map;
  const { expression } = await resolveMapping(ctx, map, queue);
  return compileMapping(expression, logTables[queue]).expression;
}

/** @throws AppError UNPROCESSABLE that names the change whose field is no path */
export function compileEdit(mapping: string | null | undefined, changes: readonly LetterChange[]): LetterEdit {
  const ofText: ((payload: string) => string)[] = [];
  const ofEvent: ((event: unknown) => void)[] = [];
  for (const [index, change] of changes.entries()) {
    const replace = replacementOf(change);
    if (change.field === null) ofText.push(replace);
    else {
      const path = pathOf(change.field, `changes.${index}.field`);
      ofEvent.push((event) => replaceAt(event, path, (value) => replaceIn(value, replace)));
    }
  }
  return {
    mapping: (own) => (mapping === undefined ? own : replaceMapping(own, mapping)),
    text: (payload) => ofText.reduce((text, replace) => replace(text), payload),
    event: (event) => {
      for (const replace of ofEvent) replace(event);
    },
  };
}

function pathOf(field: string, input: string): string[] {
  try {
    return parsePath(field);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw invalidInput(error.errors.map((problem) => ({ ...problem, path: input })));
  }
}

function replacementOf(change: LetterChange): (text: string) => string {
  if (change.change === "replace") return (text) => replaceAll(text, change.find, change.replace);
  const read = compileDatePattern(change.format);
  return (text) => read?.(text) ?? text;
}

/** More than an event may have: a text that becomes longer is not completed. */
const MAX_LENGTH = 600_000;

function replaceAll(text: string, find: string, replacement: string): string {
  let result = "";
  let at = 0;
  for (let next = text.indexOf(find); next !== -1 && result.length < MAX_LENGTH; next = text.indexOf(find, at)) {
    result += text.slice(at, next) + replacement;
    at = next + find.length;
  }
  return result + text.slice(at);
}

/** A value without text, such as an object, is unchanged. */
function replaceIn(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return value;
  const text = String(value);
  const replaced = replace(text);
  return replaced === text ? value : replaced;
}
