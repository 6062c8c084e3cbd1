import { DBInstance, DescribeDBInstancesCommand, RDSClient, RebootDBInstanceCommand } from "@aws-sdk/client-rds";
import { IAMClient } from "@aws-sdk/client-iam";
import {
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
} from "@aws-sdk/client-lambda";
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { randomUUID } from "node:crypto";
import { PolicyDocument } from "../../../model/iam/document";
import { evaluateIdentityPolicies, evaluateResourcePolicy } from "../../../model/iam/evaluate";
import { Clients } from "../../endpoint/clients";
import { ACCOUNT } from "../../endpoint/iam/facts";
import { rolePolicies } from "../../endpoint/iam/roles";

const SECRETS_MANAGER = { type: "Service" as const, name: "secretsmanager.amazonaws.com" };

/** A secret, and the function that may rotate it. */
export interface Rotated {
  readonly secretArn: string;
  readonly functionName: string;
  /** Where the secret is replicated to. */
  readonly regions: readonly string[];
}

/** A stack's databases as the AWS APIs know them, and what AWS itself would do with them and no emulator does. */
export class DatabaseWorld {
  private readonly rds: RDSClient;
  private readonly secrets: SecretsManagerClient;
  private readonly lambda: LambdaClient;
  private readonly iam: IAMClient;

  constructor(
    private readonly clients: Clients,
    region: string,
  ) {
    this.rds = clients.make(RDSClient, region);
    this.secrets = clients.make(SecretsManagerClient, region);
    this.lambda = clients.make(LambdaClient, region);
    this.iam = clients.make(IAMClient, region);
  }

  /** A deployed Multi-AZ instance: what a stack takes for granted is none. */
  async instance(): Promise<DBInstance | undefined> {
    const { DBInstances = [] } = await this.rds.send(new DescribeDBInstancesCommand({}));
    return DBInstances.find((one) => one.MultiAZ);
  }

  async describe(DBInstanceIdentifier: string): Promise<DBInstance> {
    const { DBInstances: [found = {}] = [] } = await this.rds.send(
      new DescribeDBInstancesCommand({ DBInstanceIdentifier }),
    );
    return found;
  }

  /** Fails over, as far as the emulator goes. */
  async failOver(DBInstanceIdentifier: string): Promise<void> {
    await this.rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier, ForceFailover: true }));
  }

  /** The secret that a deployed function may rotate, and which Secrets Manager may have it do. */
  async rotated(): Promise<Rotated | undefined> {
    const { SecretList = [] } = await this.secrets.send(new ListSecretsCommand({}));
    const { Functions = [] } = await this.lambda.send(new ListFunctionsCommand({}));
    for (const { FunctionName = "", FunctionArn = "" } of Functions) {
      if (!(await this.mayRun(FunctionArn))) {
        continue;
      }
      const { Role = "" } = await this.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
      const policies = await rolePolicies(this.iam, Role.split("/").pop() ?? "");
      const found = SecretList.find(({ ARN: resource = "" }) => {
        const request = { action: "secretsmanager:PutSecretValue", resource, context: {} };
        return evaluateIdentityPolicies(policies, request).effect === "allowed";
      });
      if (found?.ARN !== undefined) {
        const { ReplicationStatus = [] } = await this.secrets.send(new DescribeSecretCommand({ SecretId: found.ARN }));
        return {
          secretArn: found.ARN,
          functionName: FunctionName,
          regions: ReplicationStatus.map((r) => r.Region ?? ""),
        };
      }
    }
    return undefined;
  }

  private async mayRun(arn: string): Promise<boolean> {
    try {
      const { Policy = "{}" } = await this.lambda.send(new GetPolicyCommand({ FunctionName: arn }));
      const document = JSON.parse(Policy) as PolicyDocument;
      const context = { "aws:SourceAccount": [ACCOUNT] };
      const request = { action: "lambda:InvokeFunction", resource: arn, principal: SECRETS_MANAGER, context };
      return (
        document.Statement !== undefined &&
        evaluateResourcePolicy({ name: arn, document }, request).effect === "allowed"
      );
    } catch (error) {
      if (error instanceof Error && error.name === "ResourceNotFoundException") {
        return false;
      }
      throw error;
    }
  }

  /** Begins a rotation, as Secrets Manager does: a version without a value is to become current. Returns its id. */
  async beginRotation({ secretArn }: Rotated): Promise<string> {
    const { VersionIdsToStages: stages = {} } = await this.secrets.send(
      new DescribeSecretCommand({ SecretId: secretArn }),
    );
    for (const RemoveFromVersionId of Object.keys(stages).filter((version) =>
      stages[version]?.includes("AWSPENDING"),
    )) {
      // moto takes a version that was pending and has become current for a rotation that isn't over.
      const VersionStage = "AWSPENDING";
      await this.secrets.send(
        new UpdateSecretVersionStageCommand({ SecretId: secretArn, VersionStage, RemoveFromVersionId }),
      );
    }
    const ClientRequestToken = randomUUID();
    // moto makes the version, and then doesn't find the function, which ministack has.
    const RotationLambdaARN = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:elsewhere`;
    await this.secrets
      .send(new RotateSecretCommand({ SecretId: secretArn, ClientRequestToken, RotationLambdaARN }))
      .catch((error: Error) => {
        if (error.name !== "ResourceNotFoundException") {
          throw error;
        }
      });
    return ClientRequestToken;
  }

  /** Runs one step of a rotation, as Secrets Manager does. Returns why it failed, if it did. */
  async rotate(rotated: Rotated, Step: string, ClientRequestToken: string): Promise<string | undefined> {
    const event = { Step, SecretId: rotated.secretArn, ClientRequestToken };
    const { FunctionError, Payload } = await this.lambda.send(
      new InvokeCommand({ FunctionName: rotated.functionName, Payload: Buffer.from(JSON.stringify(event)) }),
    );
    return FunctionError && Buffer.from(Payload ?? []).toString();
  }

  /** What tiers read: in the stack's Region, or from the secret's replica in another. */
  async secretValue({ secretArn }: Rotated, region?: string): Promise<{ username?: string; password?: string }> {
    const own = secretArn.split(":")[3] ?? "";
    const secrets = region === undefined ? this.secrets : this.clients.make(SecretsManagerClient, region);
    const SecretId = region === undefined ? secretArn : secretArn.replace(`:${own}:`, `:${region}:`);
    const { SecretString = "{}" } = await secrets.send(
      // AWS's default, which moto takes for the version that was current at first.
      new GetSecretValueCommand({ SecretId, VersionStage: "AWSCURRENT" }),
    );
    return JSON.parse(SecretString) as { username?: string; password?: string };
  }
}
