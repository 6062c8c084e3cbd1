import { alarms } from "./alarms";
import { gateway } from "./gateway";
import { Mutation } from "./mutate";
import { network } from "./network";
import { outposts } from "./outposts";
import { permissions } from "./permissions";
import { recovery } from "./recovery";
import { redundancy } from "./redundancy";

/** Ways to break a stack with a gateway, Outposts pairs and a recovery workflow. */
export const MUTATIONS: readonly Mutation[] = [
  ...gateway,
  ...network,
  ...recovery,
  ...alarms,
  ...outposts,
  ...permissions,
  ...redundancy,
];
