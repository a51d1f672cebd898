import { SegmentedControl, SimpleGrid, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { FaultList } from "../../definition-form/FaultList";
import { FormSection } from "../../definition-form/FormSection";
import { unplaced } from "../../definition-form/faults";
import { FlagEntry } from "../../definition-form/fields/FlagEntry";
import { LongTextEntry } from "../../definition-form/fields/LongTextEntry";
import { NewNameEntry } from "../../definition-form/fields/NewNameEntry";
import { setField } from "../../definition-form/fields/Part";
import { TextEntry } from "../../definition-form/fields/TextEntry";
import { TextsEntry } from "../../definition-form/fields/TextsEntry";
import { AtFields } from "../../definition-form/schedule/AtFields";
import { InstantEntry } from "../../definition-form/schedule/InstantEntry";
import { Preview } from "../../definition-form/schedule/Preview";
import { ZoneEntry } from "../../definition-form/schedule/ZoneEntry";
import type { useDefinitionForm } from "../../definition-form/useDefinitionForm";
import { categoriesQuery } from "../../nouns/action/queries";
import { HeldEntry } from "./HeldEntry";

const FIELDS = [
  "description",
  "holds",
  "from",
  "until",
  "at",
  "duration",
  "time_zone",
  "applies_to.actions",
  "applies_to.categories",
  "applies_to.tags",
  "enabled",
];
const ONCE = ["from", "until"] as const;
const RECURS = ["at", "duration", "time_zone"] as const;
const AN_HOUR = 3_600_000;

/** All fields of a maintenance window, with the times at which it begins. */
export function WindowFields({ form }: { form: ReturnType<typeof useDefinitionForm> }) {
  const { state, change, base, faults } = form;
  const { data: categories } = useQuery(categoriesQuery);
  const isNew = base.version === null;
  const part = { value: state.definition, at: "", faults, change };
  const isOnce = state.definition.at === undefined && state.definition.duration === undefined;
  const choose = (way: string) => {
    for (const field of way === "once" ? RECURS : ONCE) {
      setField(part, field, undefined);
    }
    if (way === "once") {
      setField(part, "from", new Date(Date.now() + AN_HOUR).toISOString());
      setField(part, "until", new Date(Date.now() + 2 * AN_HOUR).toISOString());
    } else {
      setField(part, "at", { daily: "22:00" });
      setField(part, "duration", "2h");
      setField(part, "time_zone", Intl.DateTimeFormat().resolvedOptions().timeZone);
    }
  };
  return (
    <>
      <FaultList faults={unplaced(faults, "", isNew ? ["name", ...FIELDS] : FIELDS)} />
      <FormSection title="What it is for">
        <Stack gap="sm">
          {isNew ? <NewNameEntry part={part} /> : null}
          <LongTextEntry part={part} name="description" label="Description" description="Why nothing is to run then" />
        </Stack>
      </FormSection>
      <FormSection title="When">
        <Stack gap="md">
          <SegmentedControl
            aria-label="How often it comes"
            value={isOnce ? "once" : "recurs"}
            onChange={choose}
            data={[
              { value: "recurs", label: "Again and again" },
              { value: "once", label: "Once" },
            ]}
            style={{ alignSelf: "flex-start" }}
          />
          {isOnce ? (
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              <InstantEntry part={part} name="from" label="From" isKeptEmpty />
              <InstantEntry part={part} name="until" label="Until" isKeptEmpty />
            </SimpleGrid>
          ) : (
            <>
              <AtFields part={part} label="It begins" recursOnly />
              <SimpleGrid cols={{ base: 1, sm: 2 }}>
                <TextEntry
                  part={part}
                  name="duration"
                  label="For"
                  description="How long it lasts, such as 2h"
                  isNeeded
                  isKeptEmpty
                />
                <ZoneEntry part={part} />
              </SimpleGrid>
            </>
          )}
        </Stack>
      </FormSection>
      {isOnce ? null : (
        <FormSection title="Begins next">
          <Preview definition={state.definition} label="Begins next" />
        </FormSection>
      )}
      <FormSection title="What it holds">
        <Stack gap="sm">
          <HeldEntry part={part} />
          <SimpleGrid cols={{ base: 1, sm: 3 }}>
            <TextsEntry
              part={part}
              name="applies_to.categories"
              label="Categories"
              description="Of every action where nothing is named"
              suggestions={(categories?.items ?? []).map(({ name }) => name)}
            />
            <TextsEntry part={part} name="applies_to.tags" label="Tags" description="Enter adds one" />
            <TextsEntry part={part} name="applies_to.actions" label="Actions" description="By name; Enter adds one" />
          </SimpleGrid>
          <FlagEntry part={part} name="enabled" label="Enabled" description="Whether it holds anything" usual />
        </Stack>
      </FormSection>
    </>
  );
}
