import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { alertQuery, recentAlertsQuery } from "../../nouns/alert/queries";

/** The alerts that came lately, and the one of them on which it is shown what a rule comes to. */
export function useSample(first?: string) {
  const [chosen, choose] = useState(first);
  const { data: latest = [] } = useQuery(recentAlertsQuery);
  const named = useQuery({ ...alertQuery(first ?? ""), enabled: first !== undefined }).data;
  const recent = named === undefined || latest.some(({ id }) => id === named.id) ? latest : [named, ...latest];
  const sample = recent.find(({ id }) => id === chosen) ?? recent[0] ?? null;
  return { recent, sample, choose };
}
