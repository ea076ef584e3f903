import { Alert } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";

/** Explains on a page why the user has no actions there. */
export function ReadOnlyNotice({ children }: { children: string }) {
  return (
    <Alert color="gray" variant="light" icon={<IconLock aria-hidden />} mb="lg" data-testid="read-only">
      {children}
    </Alert>
  );
}
