/** A PostgreSQL that answers but cannot be used; the message says why and what to do. */
export class UnsuitableDatabase extends Error {
  override name = "UnsuitableDatabase";
}
