import { publishToTopic } from "../common/publish";
import { TellClients } from "./clients";
import { postJson } from "./http";
import { RecoveryMessage } from "./message";
import { readSecret } from "./secret";
import { Pager } from "./settings";

/** What a page is about. */
export interface Incident {
  /** The same for all pages about one outage of one instance, and for nothing else: the pager keeps them together. */
  readonly alias: string;
  readonly instanceId: string;
  readonly message: RecoveryMessage;
}

const OPSGENIE = { us: "https://api.opsgenie.com", eu: "https://api.eu.opsgenie.com" };
const PAGERDUTY = { us: "https://events.pagerduty.com", eu: "https://events.eu.pagerduty.com" };

/**
 * Pages. A page that is sent twice is one incident, by its alias.
 * @throws `TransientError`, `Refused` or `NoSecret`, and the errors of the AWS calls.
 */
export async function sendPage(pager: Pager, incident: Incident, clients: TellClients): Promise<void> {
  switch (pager.type) {
    case "opsgenie": {
      const key = await readSecret(pager.secretArn, clients.secrets);
      const headers = { authorization: `GenieKey ${key}` };
      await postJson("OpsGenie", `${OPSGENIE[pager.region]}/v2/alerts`, opsgenieAlert(pager.teamId, incident), headers);
      return;
    }
    case "pagerduty": {
      const key = await readSecret(pager.secretArn, clients.secrets);
      await postJson("PagerDuty", `${PAGERDUTY[pager.region]}/v2/enqueue`, pagerdutyEvent(key, incident));
      return;
    }
    case "sns":
      await publishToTopic(pager.topicArn, incident.message.title, incident.message.text, clients.sns);
  }
}

/** An alert as OpsGenie's Alert API takes it; the lengths are its limits. */
export function opsgenieAlert(teamId: string, { alias, instanceId, message }: Incident) {
  return {
    message: message.title.slice(0, 130),
    alias: alias.slice(0, 512),
    description: message.text.slice(0, 15000),
    responders: [{ id: teamId, type: "team" }],
    tags: ["nplusone", "recovery"],
    entity: instanceId,
    source: "nplusone",
    priority: message.severity === "critical" ? "P1" : "P3",
  };
}

/** An event as PagerDuty's Events API v2 takes it; the lengths are its limits. */
export function pagerdutyEvent(routingKey: string, { alias, instanceId, message }: Incident) {
  return {
    routing_key: routingKey,
    event_action: "trigger",
    dedup_key: alias.slice(0, 255),
    payload: {
      summary: message.title.slice(0, 1024),
      source: instanceId,
      severity: message.severity,
      component: "nplusone recovery",
      custom_details: { text: message.text },
    },
  };
}
