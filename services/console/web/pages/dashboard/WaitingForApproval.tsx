import { Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { UserCheck } from "lucide-react";
import { pendingApprovalsQuery } from "../../nouns/approval/queries";
import { approversText, givenText, titleOfItem } from "../../nouns/approval/sentences";
import { inOrder } from "../../ui/inOrder";
import { TextLink } from "../../ui/links";
import { RelativeTime } from "../../ui/RelativeTime";
import { Tile } from "./Tile";

const MOST = 5;

/** What people have to decide about, each leading to its decision. */
export function WaitingForApproval() {
  const query = useQuery(pendingApprovalsQuery);
  const items = query.data?.items ?? [];
  return (
    <Tile
      title="Waiting for approval"
      icon={<UserCheck size={18} aria-hidden />}
      query={query}
      beside={
        items.length === 0 ? null : (
          <TextLink to="/approvals" size="sm">
            {items.length > 1 ? `Decide about all ${items.length}` : "Decide"}
          </TextLink>
        )
      }
    >
      {query.isSuccess && items.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing waits for approval.
        </Text>
      ) : null}
      {items.slice(0, MOST).map((item) => {
        const given = givenText(item.parameters);
        return (
          <div key={item.run_id}>
            <Group justify="space-between" gap="2px 12px">
              <TextLink
                to="/runs/$runId"
                params={{ runId: item.run_id }}
                underline="hover"
                c="inherit"
                miw={0}
                py={2}
                size="sm"
                fw={600}
                style={{ overflowWrap: "anywhere" }}
              >
                {titleOfItem(item)}
              </TextLink>
              <Text span size="xs" c="dimmed">
                expires <RelativeTime at={item.expires_at} />
              </Text>
            </Group>
            <Text size="xs" c="dimmed" lineClamp={2} style={{ overflowWrap: "anywhere" }}>
              {item.requested_by.by} asks; {approversText(item.approvers)} may decide
              {given === "" ? "" : ` · ${inOrder(given)}`}
            </Text>
          </div>
        );
      })}
    </Tile>
  );
}
