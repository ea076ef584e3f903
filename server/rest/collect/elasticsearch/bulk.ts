import { errorValue } from "@/server/catalog/errors";
import { AppError } from "@/server/lib/errors";
import { makeTimeSlice } from "@/server/lib/time-slice";
import {
  type CollectedEvent,
  type Line,
  readJsonEvent,
  readLines,
  tooLongError,
  withoutCarriageReturn,
} from "@/server/services/intake";
import { requireEventCount } from "../collector";

const ACTIONS = ["index", "create", "update", "delete"] as const;
type Action = (typeof ACTIONS)[number];

/** An action of a `_bulk` request with its document. */
export interface BulkItem {
  readonly action: Action;
  readonly index: string;
  readonly id?: string;
  /** Undefined for `delete`. */
  readonly document?: Line;
}

/**
 * Parses the body of `_bulk`: lines with an action, each followed by its document.
 * @param defaultIndex the index of the path
 * @throws AppError BAD_REQUEST for a malformed action, TOO_LARGE; nothing is stored then
 */
export async function readBulk(chunks: readonly Uint8Array[], defaultIndex: string): Promise<BulkItem[]> {
  const items: BulkItem[] = [];
  let open: Omit<BulkItem, "document"> | undefined;
  let openedAt = 0;
  const slice = makeTimeSlice();
  for await (const lines of readLines(each(chunks))) {
    for (const line of lines) {
      const pause = slice();
      if (pause) await pause;
      if (open) {
        items.push({ ...open, document: line });
        open = undefined;
        continue;
      }
      if (line.text.trim() === "") continue;
      requireEventCount(items.length + 1);
      const action = readAction(line, defaultIndex);
      openedAt = line.number;
      if (action.action === "delete") items.push(action);
      else open = action;
    }
  }
  if (open) throw new AppError("collect.bulk_no_document", { line: openedAt });
  return items;
}

async function* each(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

function readAction(line: Line, defaultIndex: string): Omit<BulkItem, "document"> {
  const malformed = () => new AppError("collect.bulk_action", { line: line.number });
  const parsed = line.isCut ? { error: true } : readJsonEvent(line.text);
  if (!("event" in parsed) || !isObject(parsed.event)) throw malformed();
  const [[name, target] = [], ...others] = Object.entries(parsed.event);
  const action = ACTIONS.find((known) => known === name);
  if (!action || !isObject(target) || others.length > 0) throw malformed();
  const { _index: index, _id: id } = target;
  return {
    action,
    index: typeof index === "string" && index !== "" ? index : defaultIndex,
    ...((typeof id === "string" || typeof id === "number") && id !== "" && { id: String(id) }),
  };
}

/** The event of an item. Its index is part of its identity, as in the original. */
export function eventOf({ index, id, document }: BulkItem, table: CollectedEvent["table"]): CollectedEvent {
  const text = withoutCarriageReturn(document?.text ?? "");
  return {
    table,
    text: index === "" ? text : `${index}\n${text}`,
    read: () => {
      if (document?.isCut) return { error: tooLongError() };
      if (document?.hasStrayBytes) return { error: errorValue("event.not_utf8", { field: "event" }) };
      return readJsonEvent(text);
    },
    id: id === undefined || index === "" || isUuid(id) ? id : `${index}/${id}`,
    labels: index === "" ? undefined : { index },
  };
}

function isUuid(id: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
