import { notifications } from "@mantine/notifications";

/** Shows a notification of a completed action. */
export function notifyDone(title: string, message?: string): void {
  notifications.show({ title, message, autoClose: 6_000 });
}

/** Shows a notification of a failed action, in red and for longer. */
export function notifyFailed(title: string, message: string): void {
  notifications.show({ title, message, color: "red", autoClose: 12_000 });
}
