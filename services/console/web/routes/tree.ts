import { action } from "./action";
import { editAction, newAction } from "./action-form";
import { actions } from "./actions";
import { newRule, rule } from "./alert-rules";
import { alert, alerts } from "./alerts";
import { approvals } from "./approvals";
import { channel, newChannel } from "./channels";
import { index } from "./index";
import { integration, newIntegration } from "./integrations";
import { importProviders, newProvider, provider } from "./provider";
import { providers } from "./providers";
import { root, signedIn } from "./root";
import { run } from "./run";
import { runForm } from "./run-form";
import { runs } from "./runs";
import { editSchedule, newSchedule, schedule, schedules } from "./schedules";
import { settings } from "./settings";
import { signIn } from "./sign-in";
import { template, templates } from "./templates";
import {
  actionVersions,
  channelVersions,
  integrationVersions,
  providerVersions,
  ruleVersions,
  scheduleVersions,
  windowVersions,
} from "./versions";
import { newWindow, window } from "./windows";

export const tree = root.addChildren([
  signIn,
  signedIn.addChildren([
    index,
    actions,
    newAction,
    action,
    actionVersions,
    editAction,
    runForm,
    templates,
    template,
    runs,
    run,
    approvals,
    providers,
    newProvider,
    importProviders,
    provider,
    providerVersions,
    alerts,
    alert,
    newRule,
    rule,
    ruleVersions,
    schedules,
    newSchedule,
    schedule,
    editSchedule,
    scheduleVersions,
    newWindow,
    window,
    windowVersions,
    newChannel,
    channel,
    channelVersions,
    newIntegration,
    integration,
    integrationVersions,
    settings,
  ]),
]);
