interface Part {
  isPending: boolean;
  isSuccess: boolean;
  error: unknown;
  refetch: () => unknown;
}

/** Several queries as one: there once all are, wrong where one is. */
export function together(parts: readonly Part[]): Part {
  return {
    isPending: parts.some(({ isPending }) => isPending),
    isSuccess: parts.every(({ isSuccess }) => isSuccess),
    error: parts.find(({ error }) => error !== null)?.error ?? null,
    refetch: () => Promise.all(parts.map(({ refetch }) => refetch())),
  };
}
