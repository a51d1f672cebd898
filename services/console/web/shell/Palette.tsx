import { createSpotlight, Spotlight, type SpotlightActionData } from "@mantine/spotlight";
import { useNavigate } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { PLACES } from "./places";

const [store, controls] = createSpotlight();

export const openPalette = controls.open;

/** Ctrl K: any page, any action, without the mouse. */
export function Palette() {
  const navigate = useNavigate();
  const places: SpotlightActionData[] = PLACES.map(({ label, to, icon: Icon }) => ({
    id: to,
    label,
    leftSection: <Icon size={18} aria-hidden />,
    onClick: () => void navigate({ to }),
  }));
  return (
    <Spotlight
      store={store}
      actions={places}
      shortcut={["mod + K"]}
      searchProps={{
        leftSection: <Search size={18} aria-hidden />,
        placeholder: "Run an action or jump anywhere",
        "aria-label": "What to run, or where to go",
      }}
      nothingFound="Nothing is named so."
      limit={12}
      scrollable
      maxHeight={420}
    />
  );
}
