import { useLocalStorage } from "@mantine/hooks";

/** A choice of how something is shown, kept in this browser; the first of the options where none is kept. */
export function useRemembered<Option extends string>(name: string, options: readonly [Option, ...Option[]]) {
  const [kept, keep] = useLocalStorage<string>({
    key: `opsimate-${name}`,
    defaultValue: options[0],
    getInitialValueInEffect: false,
  });
  const option = options.find((each) => each === kept) ?? options[0];
  return [option, keep as (option: Option) => void] as const;
}
