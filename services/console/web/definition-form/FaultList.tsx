import { Alert, List } from "@mantine/core";
import { CircleAlert } from "lucide-react";
import type { Fault } from "./faults";

/** What no field of a form shows: each with the field that it is of. */
export function FaultList({ faults }: { faults: readonly Fault[] }) {
  if (faults.length === 0) {
    return null;
  }
  const color = faults.every(({ isWarning }) => isWarning) ? "yellow" : "red";
  return (
    <Alert color={color} icon={<CircleAlert />} py="xs">
      <List size="sm">
        {faults.map(({ field, message }) => (
          <List.Item key={`${field} ${message}`} style={{ overflowWrap: "anywhere" }}>
            <b>{field}</b>: {message}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
