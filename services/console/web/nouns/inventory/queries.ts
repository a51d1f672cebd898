import { useMutation, useQueryClient } from "@tanstack/react-query";
import { client, type Schemas } from "../../api/client";

export type InventoryRequest = Schemas["InventoryBody"];
export type PlannedDefinition = Schemas["PlannedDefinition"];
type Definition = Schemas["Inventory"]["definitions"][number];

/** What a text comes to: what would become of each of its definitions, and what of it was left out. */
export interface ImportPlan {
  changes: { definition: Definition; planned: PlannedDefinition }[];
  notes: string[];
  complaints: string[];
}

/** Have a text read, and planned; nothing is stored. */
export function usePlanImport() {
  return useMutation({
    mutationFn: async (body: InventoryRequest): Promise<ImportPlan> => {
      const { data: read } = await client.POST("/api/v1/inventories/read", { body });
      const { definitions = [], notes = [], complaints = [] } = read ?? {};
      const { data: plan } = await client.POST("/api/v1/definitions/plan", {
        body: { definitions, remove: [], file_set: "", adopt: false },
      });
      const changes = (plan?.items ?? []).flatMap((planned, index) => {
        const definition = definitions[index];
        return definition === undefined ? [] : [{ definition, planned }];
      });
      return { changes, notes, complaints };
    },
    // A password may stand in it.
    gcTime: 0,
  });
}

/** Store what is to be created or changed, one after the other, where nobody has changed it meanwhile. */
export function useApplyImport(onStored: (count: number) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ changes, note }: { changes: ImportPlan["changes"]; note: string }) => {
      let count = 0;
      for (const { definition, planned } of changes) {
        await store(definition, planned, note);
        count += 1;
        onStored(count);
      }
      return count;
    },
    gcTime: 0,
    onSettled: () => void queries.invalidateQueries(),
  });
}

/** The kinds that machines come to. */
const PATHS = {
  secret: "secrets",
  provider: "providers",
  provider_group: "provider-groups",
} as const;

function isKnown(kind: string): kind is keyof typeof PATHS {
  return kind in PATHS;
}

async function store(definition: Definition, { kind, name, version }: PlannedDefinition, note: string) {
  if (!isKnown(kind)) {
    throw new Error(`A ${kind} is nothing that machines come to.`);
  }
  const path = PATHS[kind];
  // The server has made it, and has just said that it can be stored.
  const body = definition as Schemas["SecretBody"] & Schemas["ProviderBody"] & Schemas["ProviderGroupBody"];
  if (version === null) {
    await client.POST(`/api/v1/${path}`, { params: { query: { note } }, body });
  } else {
    await client.PUT(`/api/v1/${path}/{name}`, {
      params: { path: { name }, query: { note }, header: { "if-match": `"${version}"` } },
      body,
    });
  }
}
