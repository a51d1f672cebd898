import type { paths } from "../../../types/api";

/** Each source has an address of its own; what follows it is the name of an integration. */
export type AlertSource = Exclude<
  keyof paths extends infer Path ? (Path extends `/webhooks/${infer Source}` ? Source : never) : never,
  `${string}/${string}`
>;

const NAMES = {
  alertmanager: "Alertmanager",
  generic: "generic JSON",
  grafana: "Grafana",
  prometheus: "Prometheus, vmalert",
  "uptime-kuma": "Uptime Kuma",
  gatus: "Gatus",
  healthchecks: "Healthchecks",
  zabbix: "Zabbix",
  nagios: "Nagios, Icinga",
  monit: "Monit",
  "pagerduty-events": "PagerDuty Events API",
  cloudevents: "CloudEvents",
  datadog: "Datadog",
  pagerduty: "PagerDuty",
  sentry: "Sentry",
  newrelic: "New Relic",
  opsgenie: "Opsgenie",
  "google-cloud": "Google Cloud Monitoring",
  azure: "Azure Monitor",
  sns: "Amazon SNS, CloudWatch",
} satisfies Record<AlertSource, string>;

export const ALERT_SOURCES = Object.keys(NAMES) as [AlertSource, ...AlertSource[]];

export function sourceText(source: AlertSource): string {
  return NAMES[source];
}
