import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** Arguments of `MetricsSink`. */
export interface MetricsSinkArgs {
  /** The accounts that own the Outposts and so their metrics: 1 or more. */
  readonly ownerAccountIds: readonly string[];
}

/**
 * What lets other accounts share their CloudWatch metrics with this one: an Observability Access Manager sink. An owner
 * completes it with a link to the sink's ARN. There is one sink an account and Region. Free: $0 a month.
 *
 * @example
 * new MetricsSink("outposts", { ownerAccountIds: ["111122223333"] });
 */
export class MetricsSink extends pulumi.ComponentResource {
  /** ARN of the sink, for the owner's `aws oam create-link`. */
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: MetricsSinkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nplusone:index:MetricsSink", name, {}, opts);
    const sink = new aws.oam.Sink(`${name}-sink`, { name: `${pulumi.getProject()}-${name}` }, { parent: this });
    new aws.oam.SinkPolicy(
      `${name}-sink-policy`,
      {
        sinkIdentifier: sink.arn,
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { AWS: [...args.ownerAccountIds] },
              Action: ["oam:CreateLink", "oam:UpdateLink"],
              Resource: "*",
              Condition: { "ForAllValues:StringEquals": { "oam:ResourceTypes": ["AWS::CloudWatch::Metric"] } },
            },
          ],
        }),
      },
      { parent: sink },
    );
    this.arn = sink.arn;
    this.registerOutputs({ arn: this.arn });
  }
}
