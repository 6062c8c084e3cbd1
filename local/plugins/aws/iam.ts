import { client, ServiceRecords } from "./record";

const iam = client("iam");

export const records: ServiceRecords = {
  resources: {
    "aws:iam/role:Role": {
      autoName: "name",
      create: [
        iam(
          "CreateRole",
          (p) => ({ RoleName: p["name"], AssumeRolePolicyDocument: document(p["assumeRolePolicy"]) }),
          (a, p) => ({ id: p["name"], arn: a.Role.Arn, uniqueId: a.Role.RoleId }),
        ),
      ],
      update: [
        iam("UpdateAssumeRolePolicy", (p) => ({ RoleName: p["id"], PolicyDocument: document(p["assumeRolePolicy"]) })),
      ],
      delete: [iam("DeleteRole", (p) => ({ RoleName: p["id"] }))],
      replaceOn: ["name"],
    },
    "aws:iam/rolePolicy:RolePolicy": {
      autoName: "name",
      create: [iam("PutRolePolicy", rolePolicy, (_, p) => ({ id: `${p["role"]}:${p["name"]}` }))],
      update: [iam("PutRolePolicy", rolePolicy)],
      delete: [iam("DeleteRolePolicy", (p) => ({ RoleName: p["role"], PolicyName: p["name"] }))],
      replaceOn: ["name", "role"],
    },
    "aws:iam/instanceProfile:InstanceProfile": {
      autoName: "name",
      create: [
        iam(
          "CreateInstanceProfile",
          (p) => ({ InstanceProfileName: p["name"] }),
          (a, p) => ({
            id: p["name"],
            arn: a.InstanceProfile.Arn,
          }),
        ),
        iam("AddRoleToInstanceProfile", (p) => ({ InstanceProfileName: p["name"], RoleName: p["role"] })),
      ],
      delete: [
        iam("RemoveRoleFromInstanceProfile", (p) => ({ InstanceProfileName: p["id"], RoleName: p["role"] })),
        iam("DeleteInstanceProfile", (p) => ({ InstanceProfileName: p["id"] })),
      ],
      replaceOn: ["name", "role"],
    },
  },
};

function rolePolicy(p: Record<string, unknown>) {
  return { RoleName: p["role"], PolicyName: p["name"], PolicyDocument: document(p["policy"]) };
}

function document(policy: unknown): string {
  return typeof policy === "string" ? policy : JSON.stringify(policy);
}
