import { Checkbox } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { atItsBeginning, listOf } from "../../api/paging";
import { NOT_TAKEN } from "../../nouns/delivery/outcomes";
import { deliveriesQuery } from "../../nouns/delivery/queries";
import { EmptyState } from "../../ui/EmptyState";
import { ListTable } from "../../ui/ListTable";
import { deliveryColumns } from "./deliveryColumns";

interface DeliveryListProps {
  /** Those that were taken and understood, too. */
  withTaken: boolean;
  onChange: (withTaken: boolean) => void;
}

const LOOK_EVERY = 5_000;

/** What was posted to the webhooks and not taken, for whoever waits for an alert that does not come. */
export function DeliveryList({ withTaken, onChange }: DeliveryListProps) {
  const list = useInfiniteQuery({ ...deliveriesQuery(withTaken ? [] : NOT_TAKEN), ...atItsBeginning(LOOK_EVERY) });
  return (
    <>
      <Checkbox
        label="Also what was taken and understood"
        checked={withTaken}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <ListTable
        caption="Posts"
        columns={deliveryColumns}
        {...listOf(list)}
        keyOf={({ id }) => id}
        isInLines
        empty={
          <EmptyState
            title={withTaken ? "Nothing was posted within seven days." : "Every post was taken and understood."}
          />
        }
      />
    </>
  );
}
