/** A reachable PostgreSQL that cannot be used. The message contains the reason and the remedy. */
export class UnsuitableDatabase extends Error {
  override name = "UnsuitableDatabase";
}
