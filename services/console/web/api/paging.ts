import { type InfiniteData, infiniteQueryOptions, type QueryKey } from "@tanstack/react-query";

export interface PageOf<Item> {
  items: Item[];
  next: string | null;
}

/** A list that is read page by page, each from where the one before ended: what is new meanwhile shifts nothing. */
export function pagedQuery<Item>(key: QueryKey, read: (cursor: string | undefined) => Promise<PageOf<Item>>) {
  return infiniteQueryOptions({
    queryKey: key,
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: PageOf<Item>) => page.next ?? undefined,
  });
}

export function itemsOf<Item>(data: InfiniteData<PageOf<Item>> | undefined): Item[] {
  return data?.pages.flatMap((page) => page.items) ?? [];
}
