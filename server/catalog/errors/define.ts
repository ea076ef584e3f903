import { z } from "zod";
import type { ErrorKind } from "./kinds";

/** An error as stored and sent: a code of the list and the params of its message. */
export interface CodedError {
  readonly code: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export const text = z.string();
export const count = z.number();

/** The error that caused this one. */
export const reason: z.ZodType<CodedError> = z.object({
  code: z.string(),
  params: z.record(z.string(), z.unknown()),
});

/** An entry of the list: its kind, which determines the HTTP status, and the schema of its params. */
export function failure<const Kind extends ErrorKind, Shape extends z.core.$ZodShape = Record<never, never>>(
  kind: Kind,
  shape?: Shape,
): { readonly kind: Kind; readonly params: z.ZodObject<Shape, z.core.$strict> } {
  return { kind, params: z.strictObject(shape ?? ({} as Shape)) };
}
