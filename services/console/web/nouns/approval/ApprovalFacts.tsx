import { List, Stack, Text } from "@mantine/core";
import { TextLink } from "../../ui/links";
import { RelativeTime } from "../../ui/RelativeTime";
import { TriggerText } from "../run/TriggerText";
import type { ApprovalItem } from "./queries";
import { approversText, expiryText, neededText } from "./sentences";

/** Who asks, who may decide, who has, and until when. */
export function ApprovalFacts({ item }: { item: ApprovalItem }) {
  const { requested_by, rerun_of, given, needed } = item;
  return (
    <Stack gap={4}>
      <Text component="div" size="sm">
        Asked for by <TriggerText trigger={requested_by} /> <RelativeTime at={item.asked_at} />
        {requested_by.note === "" ? null : (
          <>
            : “<span>{requested_by.note}</span>”
          </>
        )}
      </Text>
      {rerun_of === null ? null : (
        <Text size="sm">
          It does{" "}
          <TextLink to="/runs/$runId" params={{ runId: rerun_of }} size="sm" underline="always">
            an earlier run
          </TextLink>{" "}
          again.
        </Text>
      )}
      <Text component="div" size="sm">
        <b>
          {given.length} of {needed}
        </b>{" "}
        {needed === 1 ? "approval" : "approvals"}; {approversText(item.approvers)} may decide
        {item.allow_requester ? ", also who asked for it" : ""}
      </Text>
      {given.length === 0 ? null : (
        <List size="sm" aria-label="Approved by">
          {given.map(({ by, at, comment }) => (
            <List.Item key={`${by} ${at}`} style={{ overflowWrap: "anywhere" }}>
              <b>{by}</b> <RelativeTime at={at} />
              {comment === "" ? null : (
                <>
                  : <span>{comment}</span>
                </>
              )}
            </List.Item>
          ))}
        </List>
      )}
      {item.following === null ? null : <Text size="sm">After this {neededText(item.following)}.</Text>}
      <Text component="div" size="sm">
        Expires <RelativeTime at={item.expires_at} />: then {expiryText(item.on_expiry)}
      </Text>
    </Stack>
  );
}
