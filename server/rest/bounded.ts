import { toAppError } from "@/server/lib/errors";
import { withBoundedBody } from "./body";
import { problemResponse } from "./problem";

/** A handler of a library that reads bodies of any size, given those of a command's size only; else 413. */
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
