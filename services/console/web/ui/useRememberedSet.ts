import { useLocalStorage } from "@mantine/hooks";

/** Which of several things are shown, kept in this browser, in their own order; those of `first` where nothing is kept. */
export function useRememberedSet<Option extends string>(
  name: string,
  options: readonly Option[],
  first: readonly Option[],
) {
  const [kept, keep] = useLocalStorage<readonly string[] | null>({
    key: `opsimate-${name}`,
    defaultValue: null,
    getInitialValueInEffect: false,
    deserialize: rememberedTexts,
  });
  const shown = kept === null ? first : options.filter((option) => kept.includes(option));
  return [shown, keep as (options: readonly string[] | null) => void] as const;
}

/** What was kept, if that is a list of texts: what stands there may be of another release, or of anybody's hand. */
export function rememberedTexts(text: string | undefined): readonly string[] | null {
  try {
    const kept: unknown = JSON.parse(text ?? "null");
    return Array.isArray(kept) && kept.every((each) => typeof each === "string") ? kept : null;
  } catch {
    return null;
  }
}
