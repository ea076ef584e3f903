"use client";

import { useCodedError } from "../ui/use-coded-error";
import type { Alert } from "./use-alert-text";

/** The cause of an alert as a sentence; nothing if it is not known. */
export function AlertCause({ alert: { cause } }: { alert: Alert }) {
  const text = useCodedError();
  return cause && text(cause);
}
