import type { JsonObject } from "../../definition-form/json";
import type { Beginning } from "../../definition-form/useDefinitionForm";
import type { Alert } from "../../nouns/alert/queries";

const LONGEST_NAME = 63;
/** Labels that say which of many such alerts it is: a rule for alerts like it goes by the others. */
const ONE_OF_MANY = new Set(["instance", "pod", "container_id", "fingerprint"]);

/** A rule for alerts like one that came; what it leads to is still to be said. */
export function ruleOf({ source, title, labels }: Alert): Beginning {
  const { alertname } = labels;
  const likeIt =
    alertname === undefined || alertname === ""
      ? Object.fromEntries(Object.entries(labels).filter(([name]) => !ONE_OF_MANY.has(name)))
      : { alertname };
  const definition: JsonObject = {
    kind: "alert_rule",
    name: nameOf(alertname || title || source),
    source,
    match: { labels: likeIt },
    responses: [{}],
  };
  return { definition, version: null };
}

/** As a definition may be called: `NginxDown` is `nginx-down`. */
function nameOf(text: string): string {
  const name = text
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, "");
  return name.slice(0, LONGEST_NAME) || "alert";
}
