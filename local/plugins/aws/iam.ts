import { client, reader, ServiceRecords } from "./record";

const iam = client("iam");
const read = reader("iam");

export const records: ServiceRecords = {
  resources: {
    "aws:iam/role:Role": {
      autoName: "name",
      key: { name: "RoleName" },
      names: { assumeRolePolicy: "AssumeRolePolicyDocument" },
      unset: { maxSessionDuration: 3600 },
      create: [iam("CreateRole", { outputs: { arn: "Role.Arn", uniqueId: "Role.RoleId" } })],
      update: [
        iam("UpdateAssumeRolePolicy", { of: ["assumeRolePolicy"], names: { assumeRolePolicy: "PolicyDocument" } }),
        iam("UpdateRole", { of: ["description", "maxSessionDuration"] }),
        iam("PutRolePermissionsBoundary", { of: ["permissionsBoundary"], undo: "DeleteRolePermissionsBoundary" }),
      ],
      delete: [iam("DeleteRole")],
      read: [read("GetRole", "Role", { names: { permissionsBoundary: "PermissionsBoundary.PermissionsBoundaryArn" } })],
      tagging: { service: "iam", set: "TagRole", unset: "UntagRole", key: { name: "RoleName" } },
      outputs: { id: (p) => p["name"] },
      replaceOn: ["name", "path"],
    },
    "aws:iam/rolePolicy:RolePolicy": {
      autoName: "name",
      key: { role: "RoleName", name: "PolicyName" },
      names: { policy: "PolicyDocument" },
      create: [iam("PutRolePolicy")],
      update: [iam("PutRolePolicy")],
      delete: [iam("DeleteRolePolicy")],
      read: [read("GetRolePolicy", "")],
      outputs: { id: (p) => `${p["role"]}:${p["name"]}` },
      replaceOn: ["name", "role"],
    },
    "aws:iam/instanceProfile:InstanceProfile": {
      autoName: "name",
      key: { name: "InstanceProfileName" },
      names: { role: "RoleName" },
      create: [iam("CreateInstanceProfile", { outputs: { arn: "InstanceProfile.Arn" } })],
      update: [iam("RemoveRoleFromInstanceProfile", { of: ["role"], takesBack: true })],
      settings: [iam("AddRoleToInstanceProfile", { of: ["role"] })],
      delete: [iam("RemoveRoleFromInstanceProfile", { of: ["role"] }), iam("DeleteInstanceProfile")],
      read: [read("GetInstanceProfile", "InstanceProfile", { names: { role: "Roles.0.RoleName" } })],
      tagging: {
        service: "iam",
        set: "TagInstanceProfile",
        unset: "UntagInstanceProfile",
        key: { name: "InstanceProfileName" },
      },
      outputs: { id: (p) => p["name"] },
      replaceOn: ["name", "path"],
    },
  },
  functions: {
    "aws:iam/getInstanceProfile:getInstanceProfile": {
      call: iam("GetInstanceProfile", { names: { name: "InstanceProfileName" } }),
      answer: ({ InstanceProfile: { Arn, InstanceProfileName, Roles } }) => ({
        id: InstanceProfileName,
        arn: Arn,
        roleArn: Roles[0]?.Arn ?? "",
        roleName: Roles[0]?.RoleName ?? "",
      }),
    },
  },
};
