import { z } from "zod";
import { imageId, problemIn } from "./common";

/** A gateway in each zone. */
export const gateway = z
  .strictObject({
    flavour: z
      .enum(["nat", "squid"], "expected nat or squid")
      .default("nat")
      .meta({
        description: "`nat` masquerades everything; `squid` also filters web traffic by domain.",
        ask: true,
        examples: ["squid"],
      }),
    allowedDomains: z
      .array(z.string().regex(/^\.?([a-z0-9-]+\.)+[a-z]{2,}$/, "expected a domain such as .example.com"))
      .default([])
      .meta({
        description: "What `squid` lets through, and needs one at least of; a leading dot includes subdomains.",
        examples: [[".amazonaws.com", ".example.com"]],
      }),
    instanceType: z
      .string()
      .regex(/^[a-z]+\d+g[a-z]*\.[a-z0-9]+$/, "expected an arm64 (Graviton) instance type such as t4g.small")
      .default("t4g.small")
      .meta({
        description: "Instance type of the gateways: arm64. `t4g.small` carries 5 Gbit/s in bursts.",
        examples: ["c7gn.medium"],
      }),
    imageId: imageId.optional().meta({
      description: "The gateways' image: Amazon Linux 2023 for arm64.",
      absent: "the newest at each `pulumi up`",
      examples: ["ami-0a1b2c3d4e5f60718"],
    }),
    imageIsBaked: z
      .boolean()
      .default(false)
      .meta({
        description:
          "The image has everything in it that a gateway needs, so that booting asks no package mirror: see docs/gateway-image.md. Needs `imageId`.",
        examples: [true],
      }),
    proofTargets: z
      .array(z.string().regex(/^([a-z0-9-]+\.)+[a-z0-9]+$/, "expected a host name or an IPv4 address"))
      .min(2, "expected 2 or more, so that one host's outage isn't taken for a gateway's")
      .max(8, "expected 8 at most: they are all asked at once when the first one doesn't answer")
      .refine((targets) => new Set(targets).size === targets.length, "expected each host once")
      .default(["checkip.amazonaws.com", "1.1.1.1", "8.8.8.8", "9.9.9.9"])
      .meta({
        description:
          "Hosts of several operators that answer HTTPS with a certificate that names them: a gateway forwards if one of them answers through it. Name others where these can't be reached, as in the China Regions; mostly addresses, so that a failing resolver isn't taken for a failing gateway.",
        examples: [["www.amazonaws.cn", "223.5.5.5", "1.12.12.12"]],
      }),
    longFailoverMinutes: z
      .int()
      .min(5, "expected 5 or more minutes")
      .max(1440)
      .default(30)
      .meta({
        description: "How long a zone may be on another's gateway before people are reminded.",
        unit: "minutes",
        examples: [30],
      }),
    cloudTrail: z
      .enum(["create", "existing"], "expected create (a trail for this stack) or existing (the account has one)")
      .default("create")
      .meta({
        description: "`create` a trail, by which EventBridge hears of API calls, or rely on one that the account has.",
        examples: ["existing"],
      }),
  })
  .superRefine((value, context) => {
    const problem = problemIn(context);
    if (value.flavour === "squid" && value.allowedDomains.length === 0) {
      problem(["allowedDomains"], "expected at least one domain: squid without any lets no web traffic through");
    }
    if (value.imageIsBaked && value.imageId === undefined) {
      problem(["imageId"], "expected, because imageIsBaked says that the image is one of your own");
    }
  })
  .meta({ description: "A gateway in each zone, with failover to the next and return." });
