import * as aws from "@pulumi/aws";
import { Foundation, StackOutputs } from "../common/foundation";
import { refuseConfigIfAny } from "../common/problems";
import { lookUpRecovery, RecoveryNames } from "./lookup";
import { RecoveryWorkflow } from "./recoveryWorkflow";
import { RecoveryWorkflowArgs } from "./workflowArgs";

/** A stack's `recovery`: what of the component's arguments is configured, and what is looked up in AWS first. */
export interface RecoveryConfig extends RecoveryNames, Pick<RecoveryWorkflowArgs, "groups" | "restart" | "alarm"> {
  /** Subnets from which the SSH check connects. None: the network's private subnets. */
  readonly subnetIds: string[];
}

/**
 * The recovery workflow.
 * @throws `pulumi.RunError` that lists everything named in the configuration that AWS doesn't have.
 */
export async function deployRecovery(
  { subnetIds, ...config }: RecoveryConfig,
  { network, shared }: Foundation,
): Promise<StackOutputs> {
  const { problems, ...found } = await lookUpRecovery(config);
  refuseConfigIfAny(problems);
  const { groups, restart, alarm } = config;
  const workflow = new RecoveryWorkflow("recovery", {
    groups,
    restart,
    alarm,
    ...found,
    ...shared,
    ...(subnetIds.length > 0
      ? { subnetIds, vpcId: aws.ec2.getSubnetOutput({ id: subnetIds[0] }).vpcId }
      : { subnetIds: network.zones.map((z) => z.privateSubnetId), vpcId: network.vpcId }),
  });
  return { recoverySshSecurityGroupId: workflow.sshCheckSecurityGroupId };
}
