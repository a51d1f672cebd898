import { useHotkeys } from "@mantine/hooks";
import { type ComponentType, useCallback, useEffect, useState } from "react";
import { flushSync } from "react-dom";
import { afterwards } from "../ui/afterwards";
import { reloadWhenServed } from "../ui/reloadWhenServed";

/** The palette, which is fetched after the page, or as soon as somebody wants it; and what opens it. */
export function usePalette(): { palette: ComponentType | null; open: () => void } {
  const [palette, setPalette] = useState<ComponentType | null>(null);
  const load = useCallback(async () => {
    const { Palette, openPalette } = await import("./Palette");
    flushSync(() => setPalette(() => Palette));
    return openPalette;
  }, []);
  const open = useCallback(() => {
    void load()
      .catch(reloadWhenServed)
      .then((openPalette) => openPalette());
  }, [load]);
  useEffect(() => afterwards(load), [load]);
  // Once it is there it listens itself.
  useHotkeys(palette === null ? [["mod + K", open]] : [], []);
  return { palette, open };
}
