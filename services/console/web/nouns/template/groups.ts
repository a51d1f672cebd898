interface Grouped {
  group: string;
}

/** Things by their group, the groups in the order in which their first ones come. */
export function inGroups<Item extends Grouped>(items: readonly Item[]): { group: string; items: Item[] }[] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    groups.set(item.group, [...(groups.get(item.group) ?? []), item]);
  }
  return [...groups].map(([group, members]) => ({ group, items: members }));
}
