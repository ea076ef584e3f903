import { useMounted } from "@mantine/hooks";

/** Opens a dialog one step after it is mounted: one that is mounted open does not return the focus when it closes. */
export function useOpened(opened: boolean): boolean {
  const isMounted = useMounted();
  return isMounted && opened;
}
