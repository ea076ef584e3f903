import formatCompiled from "use-intl/format-message/format-only";
import { compileMessage } from "./compile";

type Compiled = ReturnType<typeof compileMessage>;
type Arguments = Parameters<typeof formatCompiled>;

const compiled = new Map<string, Compiled>();

/**
 * Replaces `use-intl/format-message` on the server, where some messages are compiled, those of pages, and others are not,
 * those of REST.
 */
export default function formatMessage(
  ...[key, message, values, options]: Arguments
): ReturnType<typeof formatCompiled> {
  return formatCompiled(key, typeof message === "string" ? remembered(message) : message, values, options);
}

function remembered(message: string): Compiled {
  const known = compiled.get(message) ?? compileMessage(message);
  compiled.set(message, known);
  return known;
}
