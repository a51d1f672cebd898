import {
  keepPreviousData,
  type QueryKey,
  queryOptions,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useRef } from "react";
import { client, type Schemas } from "../../api/client";
import { asProblem } from "../../api/problem";
import type { VersionedKind } from "./versions";

/** A definition as somebody would write it, with the version that it is. */
export interface DefinitionText {
  text: string;
  version: number;
}

/** A definition as YAML, without what goes without saying. */
export function definitionTextQuery(kind: VersionedKind, name: string) {
  return queryOptions({
    queryKey: ["get", `/api/v1/${kind}/{name}`, "yaml", name],
    queryFn: async (): Promise<DefinitionText> => {
      const { data, response } = await client.GET(`/api/v1/${kind}/{name}`, {
        params: { path: { name }, header: { accept: "application/yaml" } },
        parseAs: "text",
      });
      return { text: data ?? "", version: Number(response.headers.get("ETag")?.replaceAll('"', "")) };
    },
    // Whoever writes in a form goes on with what they have read.
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}

/** A definition as it is now, for whoever begins to write over it; nothing until that is read, however much is known. */
export function useTextOfNow(kind: VersionedKind, name: string): DefinitionText | undefined {
  const query = useQuery({ ...definitionTextQuery(kind, name), refetchOnMount: "always", throwOnError: true });
  return query.isFetchedAfterMount ? query.data : undefined;
}

/** The kinds whose definitions a form writes, as a definition itself says it. */
export type WrittenKind = "action" | "schedule" | "maintenance_window" | "channel" | "alert_rule" | "integration";

async function planOf(
  kind: WrittenKind,
  definitions: Schemas["DefinitionSetBody"]["definitions"],
  signal?: AbortSignal,
): Promise<Schemas["PlannedDefinition"][]> {
  const { data } = await client.POST("/api/v1/definitions/plan", {
    body: {
      definitions: definitions.map((one) => ({ ...one, kind })),
      remove: [],
      file_set: "",
      adopt: false,
    },
    ...(signal && { signal }),
  });
  return data?.items ?? [];
}

/** What would become of definitions of a kind, given as a list in JSON, if they were saved so; nothing is. The answer has what was asked. */
export function trialQuery(kind: WrittenKind, text: string) {
  return queryOptions({
    queryKey: ["post", "/api/v1/definitions/plan", kind, text],
    queryFn: async ({ signal }) => {
      return { text, items: await planOf(kind, JSON.parse(text), signal) };
    },
    placeholderData: keepPreviousData,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}

/** What became of a definition: its name, and what the server warns of. */
export interface SavedDefinition {
  name: string;
  title?: string;
  warnings?: readonly Schemas["FieldWarning"][] | undefined;
}

interface Saving {
  /** The definition as JSON. */
  text: string;
  /** What is changed, whose version has to be the newest; null for a new one. */
  over: { name: string; version: number } | null;
  /** Why, for whoever reads the versions later. */
  note: string;
}

async function store(kind: VersionedKind, { text, over, note }: Saving): Promise<SavedDefinition | undefined> {
  const body = JSON.parse(text);
  const query = note === "" ? {} : { note };
  const { data } =
    over === null
      ? await client.POST(`/api/v1/${kind}`, { params: { query }, body })
      : await client.PUT(`/api/v1/${kind}/{name}`, {
          params: { path: { name: over.name }, query, header: { "if-match": `"${over.version}"` } },
          body,
        });
  return data;
}

/** What is stored where it says exactly this; null where it says something else. */
async function storedAs(word: WrittenKind, kind: VersionedKind, text: string): Promise<SavedDefinition | null> {
  const [planned] = await planOf(word, [JSON.parse(text)]);
  if (planned?.change !== "unchanged") {
    return null;
  }
  const { data } = await client.GET(`/api/v1/${kind}/{name}`, { params: { path: { name: planned.name } } });
  return data ?? null;
}

/**
 * Store a definition as a new version. What it cannot be is for the server to say, so it goes as it was written. Where the
 * answer to it was lost, and it is sent once more, no other version comes of it.
 */
export function useSaveDefinition(word: WrittenKind, kind: VersionedKind, keyOf: (name: string) => QueryKey) {
  const queries = useQueryClient();
  /** What was sent and may have been stored, though nobody said so. */
  const unanswered = useRef<string | null>(null);
  return useMutation({
    mutationFn: async (saving: Saving): Promise<SavedDefinition | undefined> => {
      const before = unanswered.current;
      unanswered.current = null;
      try {
        return await store(kind, saving);
      } catch (error) {
        const { status, isPassing } = asProblem(error);
        unanswered.current = isPassing ? saving.text : null;
        if (before === saving.text && (status === 409 || status === 412)) {
          const there = await storedAs(word, kind, saving.text);
          if (there !== null) {
            return there;
          }
        }
        throw error;
      }
    },
    onSuccess: (saved) => {
      if (saved !== undefined) {
        queries.setQueryData(keyOf(saved.name), saved);
      }
      // It stands in lists, in counts, in plans: of a deed as rare as this all is read anew, which nobody waits for.
      void queries.invalidateQueries();
    },
  });
}

/** Delete a definition, where nobody has changed it since it was read and nothing uses it. */
export function useDeleteDefinition(kind: VersionedKind) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ name, version }: { name: string; version: number }) =>
      client.DELETE(`/api/v1/${kind}/{name}`, {
        params: { path: { name }, header: { "if-match": `"${version}"` } },
      }),
    // What is shown now is gone: it is not asked for again, and whoever comes to a list finds it read anew.
    onSuccess: () => queries.invalidateQueries({ refetchType: "none" }),
  });
}
