import { type EventReason, problemText, type ReasonValues } from "@/server/catalog/event-problem";

/** The reason why an event cannot become a row, as formatted by problemText. */
export class InvalidEvent extends Error {
  override name = "InvalidEvent";

  constructor(field: string, reason: EventReason, values?: ReasonValues) {
    super(problemText(field, reason, values));
  }
}
