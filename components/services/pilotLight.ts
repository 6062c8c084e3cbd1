import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { lightClients } from "../../lambdas/services/clients";
import { light } from "../../lambdas/services/light";
import { LightSettings } from "../../lambdas/services/settings";
import { Callback } from "../common/callback";
import { lightStatements } from "./permissions";

/** Arguments of `PilotLight`. */
export interface PilotLightArgs {
  readonly cluster: string;
  readonly ecsCluster: aws.ecs.Cluster;
  readonly services: readonly {
    readonly serviceName: pulumi.Input<string>;
    /** The fewest tasks when it is lit. */
    readonly minimum: number;
    readonly maximum: number;
  }[];
  readonly kmsKeyArn: pulumi.Input<string>;
}

/**
 * The one command that lights a standby's services: a function that gives each its minimum of tasks. It needs nothing of
 * the lost Region, no state and no checkout. Its name is known beforehand, so that it stands in the runbook. Free.
 *
 * @example
 * new PilotLight("shop-light", {
 *   cluster: "shop", ecsCluster, services: [{ serviceName: service.name, minimum: 4, maximum: 20 }], kmsKeyArn: key.arn,
 * });
 * // aws lambda invoke --function-name nplusone-prod-eu-west-1-shop-light --payload '{"light": "on"}' ...
 */
export class PilotLight extends pulumi.ComponentResource {
  readonly functionName: pulumi.Output<string>;

  constructor(name: string, args: PilotLightArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nplusone:index:PilotLight", name, {}, opts);
    const { cluster, ecsCluster, kmsKeyArn, services } = args;
    const callback = new Callback(
      name,
      {
        description: `Lights the services of ${cluster}, or puts them out`,
        functionName: `${pulumi.getProject()}-${pulumi.getStack()}-${name}`,
        settings: pulumi.output({ clusterName: ecsCluster.name, services: [...services] }),
        clients: lightClients,
        handler: (event: unknown, settings: LightSettings, clients) => light(event, settings, clients),
        statements: lightStatements(this, ecsCluster.arn),
        kmsKeyArn,
        // Three calls a service, all services at once; AWS may ask for patience.
        timeoutSeconds: 120,
      },
      { parent: this },
    );
    this.functionName = callback.functionName;
    this.registerOutputs({ functionName: this.functionName });
  }
}
