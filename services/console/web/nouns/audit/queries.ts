import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { client, type Schemas } from "../../api/client";
import { pagedQuery } from "../../api/paging";

export type AuditEntry = Schemas["AuditEntry"];
export type AuditHead = Schemas["AuditHead"];

export interface AuditFilters {
  principal?: string | undefined;
  kind?: string | undefined;
  name?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

const PAGE = 50;

/** Who did what, what was done last first. */
export function auditQuery(filters: AuditFilters) {
  return pagedQuery(["get", "/api/v1/audit", "pages", filters], async (cursor) => {
    const { data } = await client.GET("/api/v1/audit", { params: { query: { ...filters, limit: PAGE, cursor } } });
    return data ?? { items: [], next: null };
  });
}

/** All entries in the order of the chain, as JSON lines: for the browser to save. */
export const AUDIT_EXPORT = "/api/v1/audit/export";

/** What a walk along the whole chain has come to. */
export interface AuditCheck {
  /** The last entry that holds. */
  last: AuditHead;
  broken: Schemas["ChainBreak"] | null;
}

/** Walk the chain part by part to its end, or to the first entry that does not hold, telling how far that is. */
export function useAuditCheck() {
  const [reached, setReached] = useState(0);
  const check = useMutation({
    mutationFn: async (expect: string): Promise<AuditCheck> => {
      let after: string | undefined;
      setReached(0);
      for (;;) {
        const { data } = await client.GET("/api/v1/audit/check", {
          params: { query: { after, expect: expect === "" ? undefined : expect } },
        });
        if (data === undefined) {
          throw new Error("The check is empty.");
        }
        setReached(data.last.number);
        if (data.is_end || data.broken !== null) {
          return data;
        }
        after = placeText(data.last);
      }
    },
  });
  return { check, reached };
}

/** A place in the chain, as it is kept somewhere else: `NUMBER:HASH`. */
export function placeText({ number, hash }: AuditHead): string {
  return `${number}:${hash}`;
}
