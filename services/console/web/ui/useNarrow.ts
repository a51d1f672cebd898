import { useMediaQuery } from "@mantine/hooks";

/** Whether the window is as narrow as a phone; below this width the menu is folded, too. */
export function useNarrow(): boolean {
  return useMediaQuery("(max-width: 47.99em)", undefined, { getInitialValueInEffect: false });
}
