import { type EventReason, problemText, type ReasonValues } from "@/server/catalog/event-problem";

/** Why an event cannot be a row, as problemText has it. */
export class InvalidEvent extends Error {
  override name = "InvalidEvent";

  constructor(field: string, reason: EventReason, values?: ReasonValues) {
    super(problemText(field, reason, values));
  }
}
