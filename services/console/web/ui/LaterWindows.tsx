import { useNotifications } from "@mantine/notifications";
import { type ComponentType, useEffect, useState } from "react";
import { afterwards } from "./afterwards";
import { useDialog } from "./dialog";
import { reloadWhenServed } from "./reloadWhenServed";

/** What opens above a page, fetched after it, or as soon as something is to be shown there. */
export function LaterWindows() {
  const [Windows, setWindows] = useState<ComponentType | null>(null);
  const { isOpen } = useDialog();
  const isWanted = useNotifications().notifications.length > 0 || isOpen;
  useEffect(() => {
    const load = () => import("./Windows").then((part) => setWindows(() => part.Windows));
    if (isWanted) {
      void load().catch(reloadWhenServed);
      return;
    }
    return afterwards(load);
  }, [isWanted]);
  return Windows === null ? null : <Windows />;
}
