import type { Database } from "@/server/db/client";
import type { Context } from "@/server/process/context";
import { deriveId, makeIdDeriver, makeRowText, plainId, type Reading, readingKey } from "./identity";

/** The inputs of a database's event ids. */
interface Identity {
  readonly key: Uint8Array;
  /** Whether the database may contain rows of version 0.1, whose ids had no key. */
  readonly hasPlainIds: boolean;
}

/** Assigns ids to the events of one file or request, in order, that have none. */
export interface Identifier {
  /**
   * @param text of the event as received
   * @param event the parsed CSV event, whose text is meaningless without its header
   * @param plainIds receives the id that version 0.1 assigned, when the database may contain such rows
   */
  idOf(text: string, event: unknown, plainIds: Map<string, string>): string;
  /** The counts of recent texts, for a file that continues this one. */
  counts(): Uint32Array;
}

const identities = new WeakMap<Database, Promise<Identity>>();

/**
 * Creates the identifier of one file, request or connection.
 * @param window the number of texts after which a text is forgotten
 * @param earlier the counts of the file that it continues
 */
export async function makeIdentifier(
  ctx: Pick<Context, "db">,
  reading: Reading,
  window?: number,
  earlier?: Uint32Array,
): Promise<Identifier> {
  const { key, hasPlainIds } = await identityOf(ctx.db);
  const secret = readingKey(key, reading);
  const derive = makeIdDeriver((text, occurrence) => deriveId(secret, text, occurrence), window, earlier);
  const derivePlain = hasPlainIds ? makeIdDeriver(plainId, window) : undefined;
  const rowText = reading.format === "csv" ? makeRowText() : undefined;
  return {
    counts: derive.counts,
    idOf: (text, event, plainIds) => {
      const id = derive(rowText && isRecord(event) ? rowText(event) : text);
      if (derivePlain) plainIds.set(id, derivePlain(text));
      return id;
    },
  };
}

/** The database's own key, created by the migration that created its table, and read once per process. */
function identityOf(db: Database): Promise<Identity> {
  const known = identities.get(db);
  if (known) return known;
  const read = readIdentity(db);
  identities.set(db, read);
  read.catch(() => identities.delete(db));
  return read;
}

async function readIdentity(db: Database): Promise<Identity> {
  const [row] = await db.sql<{ key: Uint8Array; has_plain_ids: boolean }[]>`
    select key, has_plain_ids from identity_keys`;
  if (!row) throw new Error("The table identity_keys is empty: restore it from a backup of this database.");
  return { key: row.key, hasPlainIds: row.has_plain_ids };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
