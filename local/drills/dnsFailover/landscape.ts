import { Route53Client } from "@aws-sdk/client-route-53";
import { Clients } from "../../endpoint/clients";
import { zoneFor } from "../../stacks/making";
import { StackFile } from "../../stacks/stackFiles";

/** Makes the hosted zones that a stack's public names are in. */
export async function prepareZones(
  { region, config: { dnsFailover = [] } }: StackFile,
  clients: Clients,
): Promise<ReadonlyMap<string, string>> {
  const route53 = clients.make(Route53Client, region);
  const ids = dnsFailover.map(async ({ zoneId, domainName }) => {
    return [zoneId, await zoneFor(route53, zoneId, domainName)] as const;
  });
  return new Map(await Promise.all(ids));
}
