import { SimpleGrid, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ChoiceEntry } from "../../definition-form/fields/ChoiceEntry";
import { LongTextEntry } from "../../definition-form/fields/LongTextEntry";
import { NameEntry } from "../../definition-form/fields/NameEntry";
import type { Part } from "../../definition-form/fields/Part";
import { TextEntry } from "../../definition-form/fields/TextEntry";
import { TextsEntry } from "../../definition-form/fields/TextsEntry";
import { categoriesQuery } from "../../nouns/action/queries";

const CONFIRM = { none: "Runs at once", ask: "Asks once more", type_name: "Wants its name typed" };

/** What an action is called, and what it is found by. */
export function BasicFields({ part, isNew }: { part: Part; isNew: boolean }) {
  const { data } = useQuery(categoriesQuery);
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {isNew ? (
          <TextEntry
            part={part}
            name="name"
            label="Name"
            description="As in addresses and on the command line: a-z, 0-9, '.', '_' and '-'. It stays"
            isNeeded
            isCode
          />
        ) : null}
        <TextEntry part={part} name="title" label="Title" description="What people read" />
      </SimpleGrid>
      <LongTextEntry
        part={part}
        name="description"
        label="Description"
        description="What it does, and when to run it"
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <NameEntry
          part={part}
          name="category"
          label="Category"
          description="One of these, or one of your own"
          placeholder="Custom"
          suggestions={(data?.items ?? []).map(({ name }) => name)}
        />
        <TextsEntry part={part} name="tags" label="Tags" description="Enter adds one" />
        <TextEntry
          part={part}
          name="estimated_duration"
          label="Estimated duration"
          description="Until there are runs that tell, such as 5m"
        />
        <ChoiceEntry
          part={part}
          name="confirm"
          label="Before it runs"
          description="What the console and the command line ask"
          usual="none"
          options={CONFIRM}
        />
      </SimpleGrid>
    </Stack>
  );
}
