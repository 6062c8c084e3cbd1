import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** A role with an instance profile. */
export interface InstanceRole {
  readonly role: aws.iam.Role;
  readonly profile: aws.iam.InstanceProfile;
}

/** Makes the role of instances, with exactly the statements given, and the profile by which they get it. */
export function createInstanceRole(
  name: string,
  statements: readonly aws.iam.PolicyStatement[],
  opts: pulumi.CustomResourceOptions,
): InstanceRole {
  const role = new aws.iam.Role(
    `${name}-role`,
    { assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "ec2.amazonaws.com" }) },
    opts,
  );
  new aws.iam.RolePolicy(
    `${name}-policy`,
    { role: role.id, policy: pulumi.jsonStringify({ Version: "2012-10-17", Statement: [...statements] }) },
    { parent: role },
  );
  return { role, profile: new aws.iam.InstanceProfile(`${name}-profile`, { role: role.name }, { parent: role }) };
}

/**
 * What Systems Manager's agent needs for Session Manager, and no more: AWS's managed policy may read all parameters.
 * None of it knows resources.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html
 */
export const SESSION_STATEMENT: aws.iam.PolicyStatement = {
  Effect: "Allow",
  Action: [
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
  ],
  Resource: "*",
};
