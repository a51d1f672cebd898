import { useLocalStorage } from "@mantine/hooks";

export interface ViewSettings {
  showsTimes: boolean;
  setShowsTimes: (shows: boolean) => void;
  wraps: boolean;
  setWraps: (wraps: boolean) => void;
}

/** How a person likes to read output; the browser remembers it. */
export function useViewSettings(): ViewSettings {
  const [showsTimes, setShowsTimes] = useLocalStorage({
    key: "output.times",
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  const [wraps, setWraps] = useLocalStorage({ key: "output.wrap", defaultValue: true, getInitialValueInEffect: false });
  return { showsTimes, setShowsTimes, wraps, setWraps };
}
