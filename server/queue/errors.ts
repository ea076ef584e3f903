import { AppError } from "@/server/errors";

/** The store of the queue (Redis) does not answer or refuses: events wait where they are, intake goes the direct way. */
export class QueueAwayError extends AppError {
  constructor(message: string, cause: unknown) {
    super("UNAVAILABLE", message, { retryAfter: 5, cause });
    this.name = "QueueAwayError";
  }
}
