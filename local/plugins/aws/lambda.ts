import { strFromU8, strToU8, zipSync } from "fflate";
import { client, Props, reader, ServiceRecords, tagged } from "./record";

const lambda = client("lambda");
const read = reader("lambda");

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

const withEnvironment = (p: Props) => ({
  Environment: { Variables: { ...p["environment"]?.variables, ...environment().Variables } },
});

/** What an invoked function returned. @throws what it threw: the provider fails the deployment, too */
function resultOf({ Payload, FunctionError }: Props): string {
  const result = strFromU8(Payload);
  if (FunctionError !== undefined) {
    throw new Error(`the function failed: ${result}`);
  }
  return result;
}

/** What a function's policy says under a permission's id. */
const statementOf = (policy: string, id: string): Props | undefined =>
  (JSON.parse(policy) as { Statement: Props[] }).Statement.find((one) => one["Sid"] === id);

export const records: ServiceRecords = {
  resources: {
    "aws:lambda/function:Function": {
      autoName: "name",
      key: { name: "FunctionName" },
      defaults: { memorySize: 128, timeout: 3 },
      unset: { tracingConfig: { mode: "PassThrough" } },
      create: [
        lambda("CreateFunction", {
          takes: ["code", "environment"],
          with: (p) => ({ ...withEnvironment(p), Code: { ZipFile: zip(p["code"]) } }),
          outputs: {
            arn: "FunctionArn",
            qualifiedArn: (a) => `${a.FunctionArn}:$LATEST`,
            version: () => "$LATEST",
            sourceCodeSize: "CodeSize",
          },
        }),
      ],
      update: [
        lambda("UpdateFunctionCode", {
          of: ["code", "architectures"],
          takes: ["code"],
          with: (p) => ({ ZipFile: zip(p["code"]) }),
          outputs: { sourceCodeSize: "CodeSize" },
        }),
        lambda("UpdateFunctionConfiguration", { takes: ["environment"], with: withEnvironment }),
      ],
      settings: [
        lambda("PutFunctionConcurrency", { of: ["reservedConcurrentExecutions"], undo: "DeleteFunctionConcurrency" }),
      ],
      delete: [lambda("DeleteFunction")],
      read: [
        read("GetFunction", "Configuration", { outputs: { sourceCodeSize: "CodeSize" } }),
        read("GetFunction", "", { of: ["tags"] }),
        read("GetFunctionConcurrency", "", { of: ["reservedConcurrentExecutions"] }),
      ],
      tagging: tagged("lambda", { arn: "Resource" }),
      outputs: { id: (p) => p["name"] },
      replaceOn: ["name", "packageType"],
      notRead: {
        code: "AWS says where it is, not what it was made from",
        environment: "the rehearsal adds to it",
      },
    },
    // Calls the deployed function when it is made, and by another one in its place when what it is made of changes.
    "aws:lambda/invocation:Invocation": {
      key: { functionName: "FunctionName" },
      defaults: { lifecycleScope: "CREATE_ONLY", terraformKey: "tf" },
      create: [
        lambda("Invoke", {
          names: { input: "Payload" },
          with: (p) => ({ Payload: strToU8(p["input"]) }),
          outputs: { result: resultOf },
        }),
      ],
      delete: [],
      read: [read("GetFunction", "Configuration", { of: [] })],
      outputs: { id: (p) => `${p["functionName"]}_invocation_${p["__name"]}` },
      replaceOn: ["functionName", "input", "qualifier", "triggers"],
      notApplied: {
        triggers: "the provider's own: what it invokes the function again for",
        lifecycleScope: "the provider's own: only CREATE_ONLY is played",
        terraformKey: "the provider's own, for other scopes",
      },
    },
    "aws:lambda/eventSourceMapping:EventSourceMapping": {
      key: { id: "UUID" },
      create: [
        lambda("CreateEventSourceMapping", { outputs: { id: "UUID", uuid: "UUID", functionArn: "FunctionArn" } }),
      ],
      update: [lambda("UpdateEventSourceMapping")],
      delete: [lambda("DeleteEventSourceMapping")],
      read: [read("GetEventSourceMapping", "")],
      names: { eventSourceArn: "EventSourceArn" },
      replaceOn: ["eventSourceArn"],
      notRead: { functionName: "AWS gives the function's ARN, by another name" },
    },
    "aws:lambda/permission:Permission": {
      autoName: "statementId",
      key: { function: "FunctionName", statementId: "StatementId" },
      create: [lambda("AddPermission")],
      delete: [lambda("RemovePermission")],
      read: [
        read("GetPolicy", "", {
          of: [],
          as: (a, p) => statementOf(a.Policy, p["statementId"]),
          also: (found, p) => ({
            action: found.Action,
            principal: found.Principal.Service ?? found.Principal,
            ...(p["sourceArn"] ? { sourceArn: found.Condition?.ArnLike?.["AWS:SourceArn"] } : {}),
          }),
        }),
      ],
      outputs: { id: (p) => p["statementId"] },
      replaceOn: ["function", "statementId", "action", "principal", "sourceArn", "sourceAccount"],
    },
  },
};
