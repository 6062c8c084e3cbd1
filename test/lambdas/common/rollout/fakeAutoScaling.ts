import {
  AutoScalingClient,
  CancelInstanceRefreshCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
  InstanceRefresh,
  StartInstanceRefreshCommand,
} from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { mockClient } from "aws-sdk-client-mock";

const named = (name: string) => Object.assign(new Error(name), { name });
const ACTIVE = ["Pending", "InProgress", "Baking", "Cancelling", "RollbackInProgress"];

/** Auto Scaling and its alarms, as far as a rollout sees them. */
export class FakeAutoScaling {
  groupVersion = "1";
  instanceVersions: string[] = ["1", "1", "1"];
  /** The newest first. */
  refreshes: InstanceRefresh[] = [];
  /** What refreshes were started with. */
  started: StartInstanceRefreshCommand["input"][] = [];
  alarms: Record<string, string> = { unhealthy: "OK", errors: "OK" };
  /** Looks for which a cancelled refresh still goes on. */
  cancelTakes = 0;
  /** The next answer to a start is lost after it was done, and the SDK repeats it. */
  losesAnswer = false;
  gone = false;
  throttles = false;

  readonly autoScaling = mockClient(AutoScalingClient);
  readonly cloudWatch = mockClient(CloudWatchClient);

  constructor() {
    this.autoScaling.on(DescribeAutoScalingGroupsCommand).callsFake(() => this.describeGroup());
    this.autoScaling.on(DescribeInstanceRefreshesCommand).callsFake(() => this.describeRefreshes());
    this.autoScaling
      .on(StartInstanceRefreshCommand)
      .callsFake((input: StartInstanceRefreshCommand["input"]) => this.start(input));
    this.autoScaling.on(CancelInstanceRefreshCommand).callsFake(() => this.cancel());
    this.cloudWatch.on(DescribeAlarmsCommand).callsFake(({ AlarmNames }: { AlarmNames: string[] }) => ({
      MetricAlarms: AlarmNames.map((AlarmName) => ({ AlarmName, StateValue: this.alarms[AlarmName] })),
    }));
  }

  /** A refresh that has been started before. */
  add(status: string, version: string): void {
    this.refreshes.unshift({
      InstanceRefreshId: `refresh-${this.refreshes.length + 1}`,
      Status: status as InstanceRefresh["Status"],
      DesiredConfiguration: { LaunchTemplate: { LaunchTemplateId: "lt-1", Version: version } },
    });
  }

  restore(): void {
    this.autoScaling.restore();
    this.cloudWatch.restore();
  }

  private describeGroup() {
    if (this.throttles) {
      throw named("Throttling");
    }
    return {
      AutoScalingGroups: this.gone
        ? []
        : [
            {
              LaunchTemplate: { LaunchTemplateId: "lt-1", Version: this.groupVersion },
              Instances: this.instanceVersions.map((Version) => ({ LaunchTemplate: { Version } })),
            },
          ],
    };
  }

  private describeRefreshes() {
    const [newest] = this.refreshes;
    if (newest?.Status === "Cancelling" && this.cancelTakes-- <= 0) {
      newest.Status = "Cancelled";
    }
    return { InstanceRefreshes: this.refreshes };
  }

  private start(input: StartInstanceRefreshCommand["input"]) {
    if (ACTIVE.includes(this.refreshes[0]?.Status ?? "")) {
      throw named("InstanceRefreshInProgress");
    }
    this.started.push(input);
    this.add("Pending", input.DesiredConfiguration?.LaunchTemplate?.Version ?? "");
    if (this.losesAnswer) {
      this.losesAnswer = false;
      throw named("InstanceRefreshInProgress");
    }
    return { InstanceRefreshId: this.refreshes[0]?.InstanceRefreshId };
  }

  private cancel() {
    const [newest] = this.refreshes;
    if (newest === undefined || !ACTIVE.includes(newest.Status ?? "")) {
      throw named("ActiveInstanceRefreshNotFound");
    }
    newest.Status = "Cancelling";
    return { InstanceRefreshId: newest.InstanceRefreshId };
  }
}
