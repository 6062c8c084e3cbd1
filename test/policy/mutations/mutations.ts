import { alarms } from "./alarms";
import { database } from "./database";
import { gateway } from "./gateway";
import { Mutation } from "./mutate";
import { network } from "./network";
import { outposts } from "./outposts";
import { permissions } from "./permissions";
import { recovery } from "./recovery";
import { redundancy } from "./redundancy";
import { regions } from "./regions";
import { services } from "./services";
import { web } from "./web";

/** Ways to break a stack with a gateway, Outposts pairs, a recovery workflow, a web tier, a database, services on ECS and a partner in another Region. */
export const MUTATIONS: readonly Mutation[] = [
  ...gateway,
  ...network,
  ...recovery,
  ...alarms,
  ...outposts,
  ...permissions,
  ...redundancy,
  ...web,
  ...database,
  ...regions,
  ...services,
];
