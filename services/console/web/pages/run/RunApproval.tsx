import { useQuery } from "@tanstack/react-query";
import { ApprovalCard } from "../../nouns/approval/ApprovalCard";
import { approvalOfRunQuery } from "../../nouns/approval/queries";
import { hasEnded, type Run } from "../../nouns/run/states";
import { ProblemAlert } from "../../ui/ProblemAlert";

/** What a run waits for people to decide, and the way to decide it: where notifications lead. */
export function RunApproval({ run }: { run: Run }) {
  const waits = run.approval !== null && !hasEnded(run.state);
  const { data, error, refetch } = useQuery({ ...approvalOfRunQuery(run.id), enabled: waits });
  if (!waits) {
    return null;
  }
  if (error !== null) {
    return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  }
  const item = data?.items[0];
  return item === undefined ? null : <ApprovalCard key={item.step ?? ""} item={item} isOnRun />;
}
