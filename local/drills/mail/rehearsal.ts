import { Route53Client } from "@aws-sdk/client-route-53";
import { zoneFor } from "../../stacks/making";
import { SystemRehearsal } from "../system";

/** Mail that either Region can send. What of it can be lost, `dnsFailover`'s drills of a Region show. */
export const mailRehearsal: SystemRehearsal = {
  drills: [],
  prepare: async ({ region, config: { mail = [] } }, clients) => {
    const route53 = clients.make(Route53Client, region);
    const ids = mail.map(
      async ({ zoneId, domainName }) => [zoneId, await zoneFor(route53, zoneId, domainName)] as const,
    );
    return new Map(await Promise.all(ids));
  },
};
