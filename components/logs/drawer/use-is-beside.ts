import { useMediaQuery } from "@mantine/hooks";

/** Whether the window is wide enough for details beside the rows. */
export function useIsBeside(): boolean {
  return useMediaQuery("(min-width: 75em)") ?? false;
}
