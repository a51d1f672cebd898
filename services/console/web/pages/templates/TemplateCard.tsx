import { Card, Group, Text } from "@mantine/core";
import { CategoryBadge } from "../../nouns/action/CategoryBadge";
import { UsualDuration } from "../../nouns/action/UsualDuration";
import type { TemplateSummary } from "../../nouns/template/queries";
import { TextLink } from "../../ui/links";

/** A template as a card that leads to it. */
export function TemplateCard({ template }: { template: TemplateSummary }) {
  const { name, title, description, category, tags, estimated_duration } = template;
  return (
    <Card withBorder padding="sm" component="article" aria-label={title}>
      <Group justify="space-between" mb={6}>
        <CategoryBadge category={category} />
        <UsualDuration seconds={estimated_duration} />
      </Group>
      <Text component="h3" size="md" fw={600}>
        <TextLink to="/templates/$name" params={{ name }} inherit c="inherit">
          {title}
        </TextLink>
      </Text>
      <Text size="sm" c="dimmed" lineClamp={4} my={6}>
        {description}
      </Text>
      <Text size="xs" c="dimmed" mt="auto">
        {tags.map((tag) => `#${tag}`).join(" ")}
      </Text>
    </Card>
  );
}
