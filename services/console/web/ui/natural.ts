const COLLATOR = new Intl.Collator("en", { numeric: true });

/** Names as people count: `web-2` before `web-10`. */
export function inNaturalOrder<Item>(items: readonly Item[], nameOf: (item: Item) => string): Item[] {
  return [...items].sort((one, other) => COLLATOR.compare(nameOf(one), nameOf(other)));
}
