import { TellClients } from "./clients";
import { sendPage } from "./pager";
import { Pager, TellSettings } from "./settings";
import { tellOutage, TellResult } from "./tellOutage";

/**
 * Pages about an execution, once for each outage of an instance.
 * @throws `UnknownTarget` or `MalformedInput`, and what `sendPage` throws; running it again is safe.
 */
export function pageSomebody(event: unknown, settings: TellSettings<Pager>, clients: TellClients): Promise<TellResult> {
  return tellOutage("page", event, settings, clients, ({ message, target: { instanceId }, outage }) =>
    sendPage(settings.channel, { alias: `${instanceId}/${outage}`, instanceId, message }, clients),
  );
}
