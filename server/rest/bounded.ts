import { toAppError } from "@/server/lib/errors";
import { withBoundedBody } from "./body";
import { problemResponse } from "./problem";

/** Wraps a library's handler so that it answers 413 to a body larger than a command's. */
export function bounded(handler: (request: Request) => Promise<Response>): (request: Request) => Promise<Response> {
  return async (request) => {
    let bounded: Request;
    try {
      bounded = await withBoundedBody(request);
    } catch (error) {
      return problemResponse(toAppError(error), request);
    }
    return await handler(bounded);
  };
}
