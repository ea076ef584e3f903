import { notifications } from "@mantine/notifications";

/** Tells that what the person asked for is done. */
export function tellDone(title: string, message?: string): void {
  notifications.show({ title, message, autoClose: 6_000 });
}

/** Tells that it is not, in red and longer on screen. */
export function tellFailed(title: string, message: string): void {
  notifications.show({ title, message, color: "red", autoClose: 12_000 });
}
