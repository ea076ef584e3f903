import { AppError } from "@/server/errors";

/** Enough for 10,000 ids or one mended event; intake reads its bodies itself, as streams. */
const MAX_COMMAND_BYTES = 2 * 1024 * 1024;

/**
 * The parsed JSON body of a command.
 * @throws AppError UNSUPPORTED_MEDIA_TYPE, TOO_LARGE (before more than the limit is read), BAD_REQUEST
 */
export async function readJson(request: Request): Promise<unknown> {
  const contentType = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (contentType !== "application/json") {
    throw new AppError("UNSUPPORTED_MEDIA_TYPE", "Send the body as application/json.");
  }
  const text = await readText(request);
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError("BAD_REQUEST", "The body is not JSON.");
  }
}

async function readText(request: Request): Promise<string> {
  const tooLarge = () =>
    new AppError("TOO_LARGE", `The body may have at most ${MAX_COMMAND_BYTES / 1024 / 1024} MB here.`);
  if (Number(request.headers.get("content-length") ?? 0) > MAX_COMMAND_BYTES) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_COMMAND_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new AppError("BAD_REQUEST", "The body is not UTF-8 text.");
  }
}
