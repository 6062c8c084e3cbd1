import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { hostsClients } from "../../lambdas/services/clients";
import { careForHosts } from "../../lambdas/services/hosts";
import { HostsSettings } from "../../lambdas/services/settings";
import { CallbackTrigger } from "../common/callbackTrigger";
import { EventCallback } from "../common/eventCallback";
import { StateTable } from "../common/stateTable";
import { Hosts } from "./hosts";
import { careStatements } from "./permissions";

/** Arguments of `HostCare`. */
export interface HostCareArgs {
  /** Name of the service cluster. */
  readonly cluster: string;
  readonly ecsCluster: aws.ecs.Cluster;
  readonly hosts: Hosts;
  /** As many hosts as carry every service's minimum. */
  readonly requiredHosts: number;
  /** Minutes for which ECS may be without contact to a host's agent. */
  readonly graceMinutes: number;
  readonly kmsKeyArn: pulumi.Input<string>;
  readonly topicArn: pulumi.Input<string>;
  readonly stateTable: StateTable;
}

/**
 * Replaces hosts whose agent ECS has no contact to: ECS itself leaves them and their tasks as they are
 * (aws/containers-roadmap issue 2040), and keeps those that were terminated so. One at a time, and none while fewer
 * answer than carry the services; people are told. About $0.30 a month: the alarm on its dead letters, 43,800 runs and
 * reads of the state table.
 *
 * @example
 * new HostCare("shop-care", {
 *   cluster: "shop", ecsCluster, hosts, requiredHosts: 2, graceMinutes: 10,
 *   kmsKeyArn: key.arn, topicArn: topic.arn, stateTable,
 * });
 */
export class HostCare extends pulumi.ComponentResource {
  constructor(name: string, args: HostCareArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nplusone:index:HostCare", name, {}, opts);
    const { cluster, ecsCluster, hosts, topicArn, stateTable } = args;
    const system = `services/${cluster}/hosts`;
    const callback = new EventCallback(
      name,
      {
        description: `Replaces hosts of ${cluster} that ECS has no contact to`,
        settings: pulumi.output({
          cluster,
          clusterArn: ecsCluster.arn,
          groupName: hosts.groupName,
          graceSeconds: 60 * args.graceMinutes,
          requiredHosts: args.requiredHosts,
          stateTable: stateTable.tableName,
          system,
          topicArn,
        }),
        clients: hostsClients,
        handler: (event: unknown, settings: HostsSettings, clients) => careForHosts(event, settings, clients),
        statements: careStatements(this, {
          clusterArn: ecsCluster.arn,
          groupArn: hosts.groupArn,
          system,
          topicArn,
          stateTable,
        }),
        kmsKeyArn: args.kmsKeyArn,
        alarmTopicArn: topicArn,
      },
      { parent: this },
    );
    new CallbackTrigger(
      `${name}-on-disconnect`,
      {
        description: `ECS has lost contact to a host of ${cluster}`,
        callback,
        // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_container_instance_events.html
        eventPattern: {
          source: ["aws.ecs"],
          "detail-type": ["ECS Container Instance State Change"],
          detail: { clusterArn: [ecsCluster.arn], agentConnected: [false] },
        },
      },
      { parent: this },
    );
    new CallbackTrigger(
      `${name}-on-schedule`,
      {
        description: "Looks for hosts whose grace has ended, and of which no event has come",
        callback,
        scheduleExpression: "rate(1 minute)",
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
