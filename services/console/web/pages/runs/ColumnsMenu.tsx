import { Button, Popover } from "@mantine/core";
import { Columns3 } from "lucide-react";
import { type ComponentProps, lazy, Suspense } from "react";
import { Reading } from "../../ui/Reading";
import { reloadWhenServed } from "../../ui/reloadWhenServed";
import type { ColumnChoice } from "./ColumnChoice";

/** Of the page that most people see first, what few ever open is read once somebody does. */
const Choice = lazy(async () => ({ default: (await import("./ColumnChoice").catch(reloadWhenServed)).ColumnChoice }));

/** Which columns the history has. */
export function ColumnsMenu(props: ComponentProps<typeof ColumnChoice>) {
  return (
    <Popover position="bottom-end" trapFocus>
      <Popover.Target>
        <Button variant="default" leftSection={<Columns3 size={16} aria-hidden />} visibleFrom="sm">
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Suspense fallback={<Reading label="The columns are being read" />}>
          <Choice {...props} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
