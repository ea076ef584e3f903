import { type ReactNode, useSyncExternalStore } from "react";
import { newId } from "./new-id";

/** A message about an action, shown for a while in a corner of the page. */
export interface Notice {
  readonly id: string;
  readonly title: string;
  readonly message?: ReactNode;
  readonly isFailure?: boolean;
  readonly durationMs: number;
}

const NONE: readonly Notice[] = [];
const listeners = new Set<() => void>();
let shown = NONE;

function change(notices: readonly Notice[]) {
  shown = notices;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Shows a notice, in place of an earlier one with the same id. */
export function showNotice({ id = newId(), ...notice }: Omit<Notice, "id"> & { id?: string }): void {
  change([...shown.filter((other) => other.id !== id), { id, ...notice }]);
}

/** Removes a notice; does nothing if it is no longer shown. */
export function hideNotice(id: string): void {
  change(shown.filter((notice) => notice.id !== id));
}

/** The notices that are shown, the oldest first. */
export function useNotices(): readonly Notice[] {
  return useSyncExternalStore(
    subscribe,
    () => shown,
    () => NONE,
  );
}
