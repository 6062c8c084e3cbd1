import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { deploymentsClients } from "../../lambdas/services/clients";
import { careForDeployments } from "../../lambdas/services/deployments";
import { DeploymentsSettings } from "../../lambdas/services/settings";
import { CallbackTrigger } from "../common/callbackTrigger";
import { EventCallback } from "../common/eventCallback";
import { StateTable } from "../common/stateTable";
import { deploymentStatements, servicesOf } from "./permissions";

/** Arguments of `DeploymentCare`. */
export interface DeploymentCareArgs {
  /** Name of the service cluster. */
  readonly cluster: string;
  readonly ecsCluster: aws.ecs.Cluster;
  readonly kmsKeyArn: pulumi.Input<string>;
  readonly topicArn: pulumi.Input<string>;
  readonly stateTable: StateTable;
}

/**
 * What ECS reports of services whose tasks it can't start.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html
 */
const TROUBLES = [
  "SERVICE_TASK_PLACEMENT_FAILURE",
  "SERVICE_TASK_CONFIGURATION_FAILURE",
  "SERVICE_TASK_START_IMPAIRED",
];

/**
 * Tells people of deployments that have failed and are taken back, and of tasks that ECS can't start: once each, and when
 * it is over. A first deployment, which has nothing to go back to, is begun again: ECS would give it up for good. About $0.15 a month: the alarm on its dead letters, and 8,760 runs.
 *
 * @example
 * new DeploymentCare("shop-deployments", { cluster: "shop", ecsCluster, kmsKeyArn: key.arn, topicArn: topic.arn, stateTable });
 */
export class DeploymentCare extends pulumi.ComponentResource {
  constructor(
    private readonly name: string,
    private readonly args: DeploymentCareArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:DeploymentCare", name, {}, opts);
    this.createTriggers(this.createCallback());
    this.registerOutputs();
  }

  private createCallback(): EventCallback {
    const { cluster, ecsCluster, kmsKeyArn, stateTable, topicArn } = this.args;
    const system = `services/${cluster}/deployments`;
    return new EventCallback(
      this.name,
      {
        description: `Tells people of failed deployments and missing tasks of ${cluster}, and begins first ones again`,
        settings: pulumi.output({
          cluster,
          clusterArn: ecsCluster.arn,
          stateTable: stateTable.tableName,
          system,
          topicArn,
        }),
        clients: deploymentsClients,
        handler: (event: unknown, settings: DeploymentsSettings, clients) =>
          careForDeployments(event, settings, clients),
        statements: deploymentStatements(this, { clusterArn: ecsCluster.arn, system, topicArn, stateTable }),
        kmsKeyArn,
        alarmTopicArn: topicArn,
      },
      { parent: this },
    ) as EventCallback;
  }

  private createTriggers(callback: EventCallback): void {
    const { cluster, ecsCluster } = this.args;
    new CallbackTrigger(
      `${this.name}-on-failure`,
      {
        description: `A deployment of a service of ${cluster} has failed`,
        callback,
        // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
        eventPattern: {
          source: ["aws.ecs"],
          "detail-type": ["ECS Deployment State Change"],
          resources: [{ prefix: servicesOf(this, ecsCluster.arn, "") }],
          detail: { eventName: ["SERVICE_DEPLOYMENT_FAILED"] },
        },
      },
      { parent: this },
    );
    new CallbackTrigger(
      `${this.name}-on-trouble`,
      {
        description: `ECS can't start tasks of a service of ${cluster}`,
        callback,
        eventPattern: {
          source: ["aws.ecs"],
          "detail-type": ["ECS Service Action"],
          detail: { clusterArn: [ecsCluster.arn], eventName: TROUBLES },
        },
      },
      { parent: this },
    );
    new CallbackTrigger(
      `${this.name}-on-schedule`,
      {
        description: "Looks for failures of which no event has come, and for what is over",
        callback,
        scheduleExpression: "rate(5 minutes)",
      },
      { parent: this },
    );
  }
}
