import type { ErrorValue } from "@/server/catalog/errors";

/** The reason why an event cannot become a row. */
export class InvalidEvent extends Error {
  override name = "InvalidEvent";

  constructor(readonly error: ErrorValue) {
    super(error.code);
  }
}
