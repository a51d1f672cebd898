import { SegmentedControl } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { Page } from "../../ui/Page";
import classes from "./DashboardPage.module.css";
import { FailedLately } from "./FailedLately";
import { HowItGoes } from "./HowItGoes";
import { QuickAccess } from "./QuickAccess";
import { RunningNow } from "./RunningNow";
import { Scheduled } from "./Scheduled";
import { Waiting } from "./Waiting";
import { WaitingForApproval } from "./WaitingForApproval";

const route = getRouteApi("/signed-in/");
const PERIODS = [7, 30, 90] as const;
const USUAL = 30;

/** What somebody looks at first: what to run, what runs now and next, what waits, what failed, and how it has gone. */
export function DashboardPage() {
  const { days = USUAL } = route.useSearch();
  const navigate = route.useNavigate();
  const show = (period: string) =>
    void navigate({
      search: { days: PERIODS.find((each) => each !== USUAL && String(each) === period) },
      replace: true,
      resetScroll: false,
    });
  return (
    <Page title="Dashboard">
      <div className={classes.layout}>
        <QuickAccess />
        <RunningNow />
        <Scheduled />
        <FailedLately />
        <WaitingForApproval />
        <Waiting />
      </div>
      <HowItGoes
        days={days}
        beside={
          <SegmentedControl
            size="xs"
            aria-label="Period"
            value={String(days)}
            onChange={show}
            data={PERIODS.map((each) => ({ value: String(each), label: `${each} days` }))}
          />
        }
      />
    </Page>
  );
}
