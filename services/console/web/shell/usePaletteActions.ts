import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { quickAccessQuery } from "../nouns/action/favourites";
import { searchQuery } from "../nouns/action/search";
import { hasWords } from "../ui/words";

export interface PaletteAction {
  name: string;
  title: string;
  about: string;
}

const PAUSE = 150;

/** The actions that the palette offers: one's favourites at first, then what the server finds for what is typed. */
export function usePaletteActions(typed: string, isOpen: boolean) {
  const [text] = useDebouncedValue(typed.trim(), PAUSE);
  const favourites = useQuery({ ...quickAccessQuery, enabled: isOpen });
  const found = useQuery({
    ...searchQuery(text),
    enabled: isOpen && text !== "",
    placeholderData: keepPreviousData,
  });
  if (typed.trim() === "") {
    const actions = (favourites.data?.items ?? []).map(({ action, title }) => ({ name: action, title, about: "" }));
    return { actions, isSearching: favourites.isLoading, error: favourites.error };
  }
  // What was found for what stood there before is offered as long as it has all the words that stand there now.
  const actions = (found.data?.items ?? [])
    .filter(({ name, title, tags, description }) => hasWords([name, title, description, ...tags], typed.trim()))
    .map(({ name, title, description }): PaletteAction => ({ name, title, about: description }));
  return { actions, isSearching: found.isFetching || text !== typed.trim(), error: found.error };
}
