import { Alert } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";

/** Says, on a page of actions, why this person has none. */
export function ReadOnlyNotice({ children }: { children: string }) {
  return (
    <Alert color="gray" variant="light" icon={<IconLock aria-hidden />} mb="lg" data-testid="read-only">
      {children}
    </Alert>
  );
}
