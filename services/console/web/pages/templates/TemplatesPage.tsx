import { SimpleGrid, Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ActionTabs } from "../../nouns/action/ActionTabs";
import { inGroups } from "../../nouns/template/groups";
import { templatesQuery } from "../../nouns/template/queries";
import { Page } from "../../ui/Page";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { Reading } from "../../ui/Reading";
import { TemplateCard } from "./TemplateCard";

/** The ready-made actions, group by group. */
export function TemplatesPage() {
  const templates = useQuery(templatesQuery);
  return (
    <Page title="Templates" about="Ready-made actions: look at what one does, then make your own of it">
      <ActionTabs shown="templates" />
      {templates.isPending ? <Reading height={220} label="The templates are being read" /> : null}
      {templates.isError ? <ProblemAlert error={templates.error} onRetry={() => void templates.refetch()} /> : null}
      {inGroups(templates.data?.items ?? []).map(({ group, items }) => (
        <Stack key={group} gap="xs" component="section" aria-label={group}>
          <Title order={2} size="h4">
            {group}
          </Title>
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="sm">
            {items.map((template) => (
              <TemplateCard key={template.name} template={template} />
            ))}
          </SimpleGrid>
        </Stack>
      ))}
    </Page>
  );
}
