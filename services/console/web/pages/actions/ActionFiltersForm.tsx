import { Button, Group, Pill, SegmentedControl, Select, VisuallyHidden } from "@mantine/core";
import { LayoutGrid, List, X } from "lucide-react";
import {
  ACTION_SORTS,
  type ActionFilters,
  type ActionSort,
  LAST_OUTCOMES,
  leavesSomeOut,
  withAll,
} from "../../nouns/action/filters";
import { lookOf } from "../../nouns/run/states";
import { SearchText } from "../../ui/SearchText";
import classes from "./ActionFiltersForm.module.css";
import { CategoryChips } from "./CategoryChips";

export type ActionsView = "cards" | "table";

interface ActionFiltersFormProps {
  filters: ActionFilters;
  onChange: (filters: ActionFilters) => void;
  view: ActionsView;
  onView: (view: ActionsView) => void;
}

const SORTS = {
  name: "Name, from A",
  "-name": "Name, from Z",
  "-last_run": "Ran last",
  last_run: "Ran longest ago, or never",
} satisfies Record<ActionSort, string>;
const SORT_OPTIONS = ACTION_SORTS.map((value) => ({ value, label: SORTS[value] }));
const OUTCOME_OPTIONS = LAST_OUTCOMES.map((value) => ({ value, label: `Last run ${lookOf(value).label}` }));

/** Which actions are shown, and how; all but the way of showing stands in the address. */
export function ActionFiltersForm({ filters, onChange, view, onView }: ActionFiltersFormProps) {
  const set = (changed: ActionFilters) => onChange({ ...filters, ...changed });
  return (
    <search aria-label="Filter the actions">
      <Group gap="xs" mb="xs">
        <SearchText label="Search actions" value={filters.text} onChange={(text) => set({ text })} />
        <Select
          aria-label="Last outcome"
          placeholder="Any outcome"
          data={OUTCOME_OPTIONS}
          value={filters.last_outcome ?? null}
          onChange={(outcome) => set({ last_outcome: LAST_OUTCOMES.find((each) => each === outcome) })}
          clearable
          className={classes.choice}
        />
        <Select
          aria-label="Order"
          data={SORT_OPTIONS}
          value={filters.sort ?? "name"}
          onChange={(sort) => set({ sort: ACTION_SORTS.find((each) => each === sort && each !== "name") })}
          allowDeselect={false}
          className={classes.choice}
        />
        <SegmentedControl
          aria-label="Show them as"
          value={view}
          onChange={(value) => onView(value === "table" ? "table" : "cards")}
          data={[
            { value: "cards", label: <ViewLabel icon={<LayoutGrid size={16} aria-hidden />} text="Cards" /> },
            { value: "table", label: <ViewLabel icon={<List size={16} aria-hidden />} text="Table" /> },
          ]}
        />
      </Group>
      <Group gap="xs">
        <CategoryChips value={filters.category} onChange={(category) => set({ category })} />
        {filters.tag === undefined ? null : (
          <Pill
            size="md"
            withRemoveButton
            onRemove={() => set({ tag: undefined })}
            removeButtonProps={{ "aria-label": `Show also without the tag ${filters.tag}`, tabIndex: 0 }}
          >
            #{filters.tag}
          </Pill>
        )}
        {leavesSomeOut(filters) ? (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<X size={15} aria-hidden />}
            onClick={() => onChange(withAll(filters))}
          >
            Clear
          </Button>
        ) : null}
      </Group>
    </search>
  );
}

function ViewLabel({ icon, text }: { icon: React.ReactNode; text: string }) {
  return (
    <Group gap={0} h={20} title={text}>
      {icon}
      <VisuallyHidden>{text}</VisuallyHidden>
    </Group>
  );
}
