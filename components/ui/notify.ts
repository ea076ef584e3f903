import { showNotice } from "./notices-store";

/** Shows a notification of a completed action. */
export function notifyDone(title: string, message?: string): void {
  showNotice({ title, message, durationMs: 6_000 });
}

/** Shows a notification of a failed action, in red and for longer. */
export function notifyFailed(title: string, message: string): void {
  showNotice({ title, message, isFailure: true, durationMs: 12_000 });
}
