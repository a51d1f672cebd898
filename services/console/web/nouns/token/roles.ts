import type { Token, TokenDefinition } from "./queries";

export type MadeRole = NonNullable<TokenDefinition["role"]>;

const ROLES = {
  alerts: "may only post alerts",
  metrics: "may only read metrics",
  administrator: "may do everything",
} satisfies Record<MadeRole, string>;

/** What a new token may be. */
export const ROLES_TO_CHOOSE = (Object.keys(ROLES) as MadeRole[]).map((role) => ({
  value: role,
  label: `${role}: ${ROLES[role]}`,
}));

const KINDS = { person: "a person", service: "a program" } satisfies Record<Token["kind"], string>;

export const KINDS_TO_CHOOSE = [
  { value: "service", label: "A program" },
  { value: "person", label: "A person" },
] as const satisfies { value: Token["kind"]; label: string }[];

export function kindText(kind: Token["kind"]): string {
  return KINDS[kind];
}
