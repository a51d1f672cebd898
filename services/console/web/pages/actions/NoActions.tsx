import { Button, Text } from "@mantine/core";
import { type ActionFilters, leavesSomeOut, withAll } from "../../nouns/action/filters";
import { EmptyState } from "../../ui/EmptyState";
import { ButtonLink } from "../../ui/links";

interface NoActionsProps {
  filters: ActionFilters;
  onShow: (filters: ActionFilters) => void;
}

/** Why a list of actions is empty, and what to do about it. */
export function NoActions({ filters, onShow }: NoActionsProps) {
  if (leavesSomeOut(filters)) {
    return (
      <EmptyState title="No action is like that.">
        <Button variant="default" onClick={() => onShow(withAll(filters))}>
          Clear the filters
        </Button>
      </EmptyState>
    );
  }
  if (filters.favourite === true) {
    return (
      <EmptyState title="You have no favourites yet.">
        <Text size="sm">Star the actions that you run often: they are listed here, and only you see it.</Text>
        <Button variant="default" onClick={() => onShow({})}>
          Look at all actions
        </Button>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="There are no actions yet.">
      <Text size="sm">Make one of a template: it does something useful as it stands. Or write one yourself.</Text>
      <ButtonLink to="/templates">Look at the templates</ButtonLink>
    </EmptyState>
  );
}
