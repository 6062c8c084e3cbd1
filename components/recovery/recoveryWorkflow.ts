import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { maxUnavailable } from "../../lambdas/recovery/decide";
import { RecoveryTarget } from "../../lambdas/recovery/settings";
import { placeOf } from "../common/place";
import { Problem, refuseIfAny } from "../common/problems";
import { recoveryDefinition } from "./definition";
import { RecoveryFunctions } from "./recoveryFunctions";
import { RecoveryMachine } from "./recoveryMachine";
import { RecoveryTrigger } from "./recoveryTrigger";
import { RecoveryWorkflowArgs } from "./workflowArgs";

/** Where instances with private addresses can be: RFC 1918. */
const PRIVATE_RANGES = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/**
 * The recovery workflow of a stack: for each instance an alarm on its CPU, which starts an execution of one state
 * machine. It checks the instance, restarts it at most once for an outage, and reports to the chat or pages.
 *
 * A month: 5 alarms × $0.10 = $0.50; an instance's alarm $0.10 and its detailed monitoring 7 metrics × $0.30 = $2.10, so
 * $2.20 an instance; an execution of about 25 transitions × $0.025 / 1,000 = $0.0006.
 *
 * @example
 * new RecoveryWorkflow("recovery", {
 *   targets: [{ name: "reports", instanceId: "i-0abc…", url: "https://reports.example.com/health", urlTimeoutSeconds: 6,
 *     healthCheckId: "5f1c2a64-…", ssh: { host: "10.20.64.10", port: 22 } }],
 *   groups: {},
 *   alarm: { thresholdPercent: 95, periodSeconds: 60, evaluationPeriods: 3, datapointsToAlarm: 3 },
 *   restart: { deadlineSeconds: 600, warmUpSeconds: 60, cooldownMinutes: 60 },
 *   chat: { type: "sns" }, pager: { type: "sns" }, secretKeyArns: {},
 *   vpcId: network.vpcId, subnetIds: network.zones.map((z) => z.privateSubnetId),
 *   kmsKeyArn: key.arn, topicArn: notifications.topicArn, stateTable,
 * });
 *
 * Throws a `pulumi.InputPropertiesError` that lists every problem of the arguments.
 */
export class RecoveryWorkflow extends pulumi.ComponentResource {
  /** ARN of the state machine. */
  readonly machineArn: pulumi.Output<string>;
  /** Id of the security group of the SSH check: the instances have to let it in on their SSH port. */
  readonly sshCheckSecurityGroupId: pulumi.Output<string>;

  constructor(
    private readonly name: string,
    private readonly args: RecoveryWorkflowArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:RecoveryWorkflow", name, {}, opts);
    checkArgs(args);
    const machineName = `${pulumi.getStack()}-${name}`;

    const securityGroup = this.createSecurityGroup();
    const functions = new RecoveryFunctions(
      name,
      { ...args, machineName, sshSecurityGroupId: securityGroup.id },
      { parent: this },
    );
    const machine = this.createMachine(machineName, functions);
    args.targets.forEach((target) => this.createTrigger(target, functions, machine));

    this.machineArn = machine.arn;
    this.sshCheckSecurityGroupId = securityGroup.id;
    this.registerOutputs({ machineArn: this.machineArn, sshCheckSecurityGroupId: this.sshCheckSecurityGroupId });
  }

  private createSecurityGroup(): aws.ec2.SecurityGroup {
    const ports = [...new Set(this.args.targets.map((t) => t.ssh.port))];
    return new aws.ec2.SecurityGroup(
      `${this.name}-ssh-check`,
      {
        vpcId: this.args.vpcId,
        description: "SSH check: out to SSH ports at private addresses, nothing in",
        egress: ports.map((port) => ({
          protocol: "tcp",
          fromPort: port,
          toPort: port,
          cidrBlocks: PRIVATE_RANGES,
          description: "SSH",
        })),
      },
      { parent: this },
    );
  }

  private createMachine(machineName: string, functions: RecoveryFunctions): RecoveryMachine {
    const { restart, topicArn, kmsKeyArn } = this.args;
    const names = {
      status: functions.status.name,
      url: functions.url.name,
      ssh: functions.ssh.name,
      cpu: functions.cpu.name,
      report: functions.report.name,
      page: functions.page.name,
    };
    const definition = placeOf(this).partition.apply((partition) => recoveryDefinition(names, restart, partition));
    const functionArns = functions.all.map((f) => f.callback.arn);
    return new RecoveryMachine(
      this.name,
      { machineName, definition, functionArns, topicArn, kmsKeyArn },
      { parent: this },
    );
  }

  private createTrigger(target: RecoveryTarget, functions: RecoveryFunctions, machine: RecoveryMachine): void {
    const { alarm, topicArn } = this.args;
    const own = functions.own[target.name];
    const names = { healthCheck: own?.healthCheck.name ?? "", restart: own?.restart.name ?? "" };
    new RecoveryTrigger(
      `${this.name}-${target.name}`,
      { target, alarm, machine, functions: names, topicArn },
      { parent: this },
    );
  }
}

/** @throws {@link pulumi.InputPropertiesError} that lists every problem of the arguments. */
function checkArgs({ targets, groups, subnetIds }: RecoveryWorkflowArgs): void {
  const problems: Problem[] = [];
  if (targets.length === 0) {
    problems.push({ propertyPath: "targets", reason: "a workflow needs an instance to look after" });
  }
  if (subnetIds.length === 0) {
    problems.push({ propertyPath: "subnetIds", reason: "the SSH check needs a subnet to connect from" });
  }
  targets.forEach(({ name, healthCheckId, group }, i) => {
    const others = targets.slice(0, i);
    if (others.some((o) => o.name === name)) {
      problems.push({ propertyPath: `targets[${i}].name`, reason: `${name} is named twice` });
    }
    if (others.some((o) => o.healthCheckId === healthCheckId)) {
      const reason = "another instance has this health check: each needs one of its own";
      problems.push({ propertyPath: `targets[${i}].healthCheckId`, reason });
    }
    if (group !== undefined && groups[group] === undefined) {
      problems.push({ propertyPath: `targets[${i}].group`, reason: `there is no group ${group}` });
    }
  });
  for (const [group, { minHealthyPercentage }] of Object.entries(groups)) {
    const size = targets.filter((t) => t.group === group).length;
    if (maxUnavailable(size, minHealthyPercentage) < 1) {
      const reason = `with ${minHealthyPercentage} % of ${size} in service none could ever be restarted`;
      problems.push({ propertyPath: `groups.${group}.minHealthyPercentage`, reason });
    }
  }
  refuseIfAny("recovery workflow", problems);
}
