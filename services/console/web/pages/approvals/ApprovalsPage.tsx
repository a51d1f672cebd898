import { Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { listOf } from "../../api/paging";
import { ApprovalCard } from "../../nouns/approval/ApprovalCard";
import { approvalsQuery } from "../../nouns/approval/queries";
import { EmptyState } from "../../ui/EmptyState";
import { ListFrame } from "../../ui/ListFrame";
import { Page } from "../../ui/Page";

/** What waits until people have decided about it. */
export function ApprovalsPage() {
  const list = listOf(useInfiniteQuery(approvalsQuery));
  return (
    <Page title="Approvals" about="Runs that wait until somebody decides about them, the newest first">
      <ListFrame
        {...list}
        empty={
          <EmptyState title="Nothing waits for approval.">
            <Text size="sm" c="dimmed" maw={520}>
              A run waits here where its action, or a step of it, says: approval: required. People decide with tokens of
              the kind person.
            </Text>
          </EmptyState>
        }
      >
        <Stack gap="md">
          {list.items.map((item) => (
            <ApprovalCard key={`${item.run_id} ${item.step ?? ""}`} item={item} />
          ))}
        </Stack>
      </ListFrame>
    </Page>
  );
}
