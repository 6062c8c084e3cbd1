import { strToU8, zipSync } from "fflate";
import { client, Props, ServiceRecords } from "./record";

const lambda = client("lambda");

/** The archive that Pulumi describes: its assets by file name, each a text. */
const zip = (code: Props): Uint8Array =>
  zipSync(
    Object.fromEntries(Object.entries<Props>(code["assets"]).map(([name, asset]) => [name, strToU8(asset["text"])])),
  );

/**
 * The emulator has neither the SDK that AWS's runtime brings nor a way to the endpoint, nor may a function reach what is
 * not on this machine: all that is put into the function's environment here, and only here.
 */
const environment = () => ({
  Variables: {
    NODE_PATH: process.env["NPLUSONE_NODE_PATH"] ?? "",
    NODE_OPTIONS: process.env["NPLUSONE_NODE_OPTIONS"] ?? "",
    AWS_ENDPOINT_URL: process.env["AWS_ENDPOINT_URL"] ?? "",
  },
});

const configuration = (p: Props) => ({
  FunctionName: p["name"],
  Description: p["description"],
  Handler: p["handler"],
  Role: p["role"],
  Runtime: p["runtime"],
  Timeout: p["timeout"],
  MemorySize: p["memorySize"],
  Environment: environment(),
  DeadLetterConfig: p["deadLetterConfig"] && { TargetArn: p["deadLetterConfig"].targetArn },
  TracingConfig: p["tracingConfig"] && { Mode: p["tracingConfig"].mode },
  VpcConfig: p["vpcConfig"] && {
    SubnetIds: p["vpcConfig"].subnetIds,
    SecurityGroupIds: p["vpcConfig"].securityGroupIds,
  },
  LoggingConfig: p["loggingConfig"] && {
    LogFormat: p["loggingConfig"].logFormat,
    LogGroup: p["loggingConfig"].logGroup,
  },
});

export const records: ServiceRecords = {
  resources: {
    "aws:lambda/function:Function": {
      autoName: "name",
      create: [
        lambda(
          "CreateFunction",
          (p) => ({ ...configuration(p), Architectures: p["architectures"], Code: { ZipFile: zip(p["code"]) } }),
          (a, p) => ({
            id: p["name"],
            arn: a.FunctionArn,
            qualifiedArn: `${a.FunctionArn}:$LATEST`,
            version: "$LATEST",
            sourceCodeSize: a.CodeSize,
          }),
        ),
      ],
      update: [
        lambda(
          "UpdateFunctionCode",
          (p) => ({ FunctionName: p["id"], ZipFile: zip(p["code"]) }),
          (a) => ({
            sourceCodeSize: a.CodeSize,
          }),
        ),
        lambda("UpdateFunctionConfiguration", configuration),
      ],
      delete: [lambda("DeleteFunction", (p) => ({ FunctionName: p["id"] }))],
      replaceOn: ["name", "architectures"],
    },
    "aws:lambda/permission:Permission": {
      create: [
        lambda(
          "AddPermission",
          (p) => ({
            FunctionName: p["function"],
            StatementId: p["__name"],
            Action: p["action"],
            Principal: p["principal"],
            SourceArn: p["sourceArn"],
          }),
          (_, p) => ({ id: p["__name"], statementId: p["__name"] }),
        ),
      ],
      delete: [lambda("RemovePermission", (p) => ({ FunctionName: p["function"], StatementId: p["id"] }))],
      replaceOn: ["function", "action", "principal", "sourceArn"],
    },
  },
};
