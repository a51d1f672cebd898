import { Chip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { categoriesQuery } from "../../nouns/action/queries";
import classes from "./ActionFiltersForm.module.css";

interface CategoryChipsProps {
  value: string | undefined;
  onChange: (category: string | undefined) => void;
}

/** The categories that have actions, with how many; the one that an address names is there also where it has none. */
export function CategoryChips({ value, onChange }: CategoryChipsProps) {
  const { data } = useQuery(categoriesQuery);
  const items = data?.items ?? [];
  const isShown = (name: string) => name.toLowerCase() === value?.toLowerCase();
  const shown = items.filter(({ name, count }) => count > 0 || isShown(name));
  const all = items.reduce((sum, { count }) => sum + count, 0);
  const chosen = items.find(({ name }) => isShown(name))?.name ?? value ?? "";
  return (
    <Chip.Group value={chosen} onChange={(name) => onChange(name === "" ? undefined : name)}>
      <div className={classes.categories} role="radiogroup" aria-label="Category">
        <CategoryChip name="" label="All" count={data === undefined ? undefined : all} />
        {shown.map(({ name, count }) => (
          <CategoryChip key={name} name={name} label={name} count={count} />
        ))}
        {value !== undefined && !shown.some(({ name }) => isShown(name)) ? (
          <CategoryChip name={value} label={value} count={data === undefined ? undefined : 0} />
        ) : null}
      </div>
    </Chip.Group>
  );
}

function CategoryChip({ name, label, count }: { name: string; label: string; count: number | undefined }) {
  return (
    <Chip value={name} size="sm">
      {label} {count}
    </Chip>
  );
}
