import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Offering } from "../common/connections";
import { aliasName } from "../common/encryptionKey";
import { arn, Place, placeOf } from "../common/place";
import { accessTo, Reach } from "./access";
import { planReplicationAlarms } from "./alarms";
import { FilesBucket } from "./filesBucket";
import { bucketName, keyName, ruleId } from "./names";
import { Replication } from "./replication";
import { UserFilesArgs } from "./userFilesArgs";

/**
 * Files of a service's users that survive the loss of a Region: a versioned, encrypted bucket in each of two Regions, and
 * copies in both directions. The primary's stack makes both; the standby's only knows their names, makes alarms, and needs
 * nothing of the primary's Region. Without a partner there is one bucket, which is lost with its Region.
 *
 * A month with 100 GB, of which 10 GB are new, in us-east-1 and a Region like it: storage 2 × 100 × 0.023 = $4.60, copies 10 ×
 * (0.02 + 0.015) = $0.35, two keys $2.00, metrics 2 × 4 × 0.30 = $2.40, four alarms $0.40, so about $10, and requests.
 *
 * @example
 * const { offering } = new UserFiles("uploads", {
 *   stack: "prod-us-east-1", partner: { role: "primary", stack: "prod-eu-west-1", region: "eu-west-1" },
 *   noncurrentDays: 30, protected: true, alarms: { latencyMinutes: 15 }, topicArn: topic.arn,
 * });
 */
export class UserFiles extends pulumi.ComponentResource {
  /** What a task needs: `USER_FILES_BUCKET` and `_REGION`, of the other Region `USER_FILES_PARTNER_…`, and leave to use them. */
  readonly offering: Offering;
  /** Name of this Region's bucket. */
  readonly bucketName: pulumi.Output<string>;

  private readonly place: Place;

  constructor(
    private readonly name: string,
    private readonly args: UserFilesArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:UserFiles", name, {}, opts);
    this.place = placeOf(this);

    const { own, other } = args.partner?.role === "standby" ? this.knowBuckets(args.partner) : this.createBuckets();
    this.createAlarms(own, other);

    this.bucketName = pulumi.output(own.bucketName);
    this.offering = accessTo(own, other);
    this.registerOutputs({ bucketName: this.bucketName });
  }

  /** As the stack that the files belong to: the only one, or the primary. */
  private createBuckets(): { own: Reach; other: Reach | undefined } {
    const { args, name, place } = this;
    const { partner, stack } = args;
    const own = new FilesBucket(
      keyName(name, "own"),
      { ...args, bucketName: this.bucketIn(stack, place.region) },
      { parent: this },
    );
    const reachOf = (bucket: FilesBucket, region: pulumi.Input<string>): Reach => ({
      region,
      bucketName: bucket.bucketName,
      bucketArn: bucket.arn,
      key: { arn: bucket.keyArn },
    });
    if (partner === undefined) {
      return { own: reachOf(own, place.region), other: undefined };
    }
    const { region } = partner;
    const other = new FilesBucket(
      keyName(name, "partner"),
      { ...args, bucketName: this.bucketIn(stack, region), region },
      { parent: this },
    );
    const [here, there] = [
      { bucket: own, region: place.region },
      { bucket: other, region, elsewhere: region },
    ];
    new Replication(`${name}-out`, { from: here, to: there }, { parent: this });
    new Replication(`${name}-back`, { from: there, to: here }, { parent: this });
    return { own: reachOf(own, place.region), other: reachOf(other, region) };
  }

  /** As the standby: by names that both compute. A key is told by its alias, which only the primary can give it. */
  private knowBuckets(primary: NonNullable<UserFilesArgs["partner"]>): { own: Reach; other: Reach } {
    const reachIn = (region: pulumi.Input<string>, where: "own" | "partner"): Reach => {
      const name = this.bucketIn(primary.stack, region);
      const place = { ...this.place, region: pulumi.output(region) };
      return {
        region,
        bucketName: name,
        bucketArn: pulumi.interpolate`arn:${place.partition}:s3:::${name}`,
        key: { arn: arn(place, "kms", "key/*"), alias: aliasName(primary.stack, keyName(this.name, where)) },
      };
    };
    return { own: reachIn(this.place.region, "partner"), other: reachIn(primary.region, "own") };
  }

  private bucketIn(stack: string, region: pulumi.Input<string>): pulumi.Output<string> {
    return pulumi
      .all([region, this.place.account])
      .apply(([known, account]) => bucketName({ stack, name: this.name, region: known }, account));
  }

  private createAlarms(own: Reach, other: Reach | undefined): void {
    if (other === undefined) {
      return;
    }
    const { alarms, topicArn } = this.args;
    for (const { name, description, direction, ...alarm } of planReplicationAlarms(alarms)) {
      const [from, to] = direction === "in" ? [other, own] : [own, other];
      new aws.cloudwatch.MetricAlarm(
        `${this.name}-${name}`,
        {
          ...alarm,
          comparisonOperator: "GreaterThanThreshold",
          treatMissingData: "missing",
          alarmDescription: `User files ${this.name}: ${description}; docs/runbooks/user-files.md says what to do`,
          namespace: "AWS/S3",
          dimensions: {
            SourceBucket: from.bucketName,
            DestinationBucket: to.bucketName,
            RuleId: pulumi.output(to.region).apply(ruleId),
          },
          alarmActions: [topicArn],
          okActions: [topicArn],
        },
        { parent: this },
      );
    }
  }
}
