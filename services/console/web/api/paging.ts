import {
  type InfiniteData,
  infiniteQueryOptions,
  type QueryKey,
  type UseInfiniteQueryResult,
  type UseSuspenseInfiniteQueryResult,
} from "@tanstack/react-query";

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

type Read = { state: { data: InfiniteData<unknown> | undefined } };

/** Read a list anew so often, in milliseconds, unless somebody has read on: what is new would move what they read. */
export function atItsBeginning(every: number) {
  const isThere = ({ state }: Read) => (state.data?.pages.length ?? 0) <= 1;
  return {
    refetchInterval: (query: Read) => (isThere(query) ? every : (false as const)),
    refetchOnWindowFocus: isThere,
    refetchOnReconnect: isThere,
  };
}

export function itemsOf<Item>(data: InfiniteData<PageOf<Item>> | undefined): Item[] {
  return data?.pages.flatMap((page) => page.items) ?? [];
}

/** What was read of a list, and the way to read on or again, as a table of it takes them. */
export function listOf<Item>(
  query:
    | UseInfiniteQueryResult<InfiniteData<PageOf<Item>>>
    | UseSuspenseInfiniteQueryResult<InfiniteData<PageOf<Item>>>,
) {
  return {
    items: itemsOf(query.data),
    isPending: query.isPending,
    error: query.error,
    onRetry: () => void query.refetch(),
    more: query.hasNextPage
      ? { isReading: query.isFetchingNextPage, onRead: () => void query.fetchNextPage() }
      : undefined,
  };
}

const LARGEST_PAGE = 200;

/** What asks for a page of a list. */
type PageAsked = { params: { query: { limit: number; cursor: string | undefined } } };

/** The items of a list to its end, or as many as somebody may look through. */
export async function readAll<Item>(
  most: number,
  read: (asked: PageAsked) => Promise<PageOf<Item> | undefined>,
): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await read({ params: { query: { limit: LARGEST_PAGE, cursor } } });
    items.push(...(page?.items ?? []));
    cursor = page?.next ?? undefined;
  } while (cursor !== undefined && items.length < most);
  return items;
}
