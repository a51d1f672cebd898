import {
  createSpotlight,
  Spotlight,
  type SpotlightActionData,
  type SpotlightActionGroupData,
} from "@mantine/spotlight";
import { useNavigate } from "@tanstack/react-router";
import { Play, Search } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import { asProblem } from "../api/problem";
import { arrive } from "../ui/arrive";
import { hasWords } from "../ui/words";
import { JUMPS } from "./places";
import { usePaletteActions } from "./usePaletteActions";

const [store, controls] = createSpotlight();

export const openPalette = controls.open;

/** Ctrl K: any page, any action, without the mouse. */
export function Palette() {
  const [query, setQuery] = useState("");
  const [isOpen, setOpen] = useState(false);
  const { actions, isSearching, error } = usePaletteActions(query, isOpen);
  const navigate = useNavigate();
  // Also where it led to what the page shows already.
  const goOn = (arrived: Promise<void>) => void arrived.then(arrive);
  const runs = actions.map(
    ({ name, title, about }): SpotlightActionData => ({
      id: `run ${name}`,
      label: `Run ${title || name}`,
      description: about.slice(0, 120) || undefined,
      leftSection: <Play size={18} aria-hidden />,
      onClick: () => goOn(navigate({ to: "/actions/$name/run", params: { name } })),
    }),
  );
  const jumps = JUMPS.filter(({ label }) => hasWords([label], query.trim())).map(
    ({ label, to, search, icon: Icon }): SpotlightActionData => ({
      id: `go ${label}`,
      label,
      leftSection: <Icon size={18} aria-hidden />,
      onClick: () => goOn(navigate({ to, search })),
    }),
  );
  const groups: SpotlightActionGroupData[] = [
    { group: query.trim() === "" ? "Your favourites" : "Run", actions: runs },
    { group: "Go to", actions: jumps },
  ];
  // Enter takes the first one where none was chosen by the arrows.
  const takeFirst = (event: KeyboardEvent) => {
    const { selected, listId } = store.getState();
    if (event.key === "Enter" && selected < 0) {
      document.getElementById(listId)?.querySelector<HTMLElement>("[data-action]")?.click();
    }
  };
  return (
    <Spotlight
      store={store}
      query={query}
      onQueryChange={setQuery}
      onSpotlightOpen={() => setOpen(true)}
      onSpotlightClose={() => {
        setOpen(false);
        // Not only once it has faded: whoever opens it again at once begins anew.
        setQuery("");
      }}
      actions={groups.filter(({ actions: members }) => members.length > 0)}
      // What is offered is what the server and the lists above have found.
      filter={(_, offered) => offered}
      shortcut={["mod + K"]}
      tagsToIgnore={[]}
      searchProps={{
        leftSection: <Search size={18} aria-hidden />,
        placeholder: "Run an action or jump anywhere",
        "aria-label": "What to run, or where to go",
        onKeyDown: takeFirst,
      }}
      nothingFound={error !== null ? asProblem(error).message : isSearching ? "Looking…" : "Nothing is named so."}
      scrollable
      maxHeight={420}
    />
  );
}
