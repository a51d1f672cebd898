import { type BadgeColor, SoftBadge } from "../../ui/SoftBadge";

const COLORS: Readonly<Record<string, BadgeColor>> = {
  Maintenance: "blue",
  Recovery: "orange",
  Diagnostics: "teal",
  Security: "red",
  Custom: "grape",
};

/** A category by its word; those that people made are all alike. */
export function CategoryBadge({ category }: { category: string }) {
  return (
    <SoftBadge color={COLORS[category] ?? "cyan"} size="sm">
      {category}
    </SoftBadge>
  );
}
