import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { AppError } from "@/server/lib/errors";

/** Reads a field of a message. @returns false if its number or type is not expected, and it is to be skipped */
export type FieldReader = (field: number, type: WireType, reader: BinaryReader) => boolean;

/** Reads the fields of a Protobuf message in their order. @throws Error for bytes that are not one */
export function readMessage(bytes: Uint8Array, read: FieldReader): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (!read(field, type, reader)) reader.skip(type, field);
  }
}

/** Of one message: more than any collector sends. */
const MAX_MESSAGES = 100_000;

/**
 * Returns the nested messages of one field, in their order, without decoding them.
 * @throws AppError TOO_LARGE
 */
export function messagesOf(bytes: Uint8Array, wanted: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  readMessage(bytes, (field, type, reader) => {
    if (field !== wanted || type !== WireType.LengthDelimited) return false;
    if (found.length >= MAX_MESSAGES) throw new AppError("collect.too_many", { max: MAX_MESSAGES });
    found.push(reader.bytes());
    return true;
  });
  return found;
}

/** Runs the decoding of a request. @throws AppError BAD_REQUEST if its bytes are not the expected message */
export function decodeProtobuf<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("collect.not_protobuf", {}, { cause: error });
  }
}

export { type BinaryReader, WireType };
