import { DBInstance, DescribeDBInstancesCommand, ModifyDBInstanceCommand } from "@aws-sdk/client-rds";
import {
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { RotationClients } from "./clients";

/** What Secrets Manager calls a rotation function with, for each step in turn. */
export interface RotationEvent {
  readonly Step: string;
  /** ARN of the secret. */
  readonly SecretId: string;
  /** Id of the version that is to become the current one. */
  readonly ClientRequestToken: string;
}

/** What the rotation is told of the stack. */
export interface RotationSettings {
  /** Identifier of the instance. */
  readonly identifier: string;
}

/** How often RDS is looked at until it has done something, and the time between: five minutes in all. */
const LOOKS = 30;
const BETWEEN_LOOKS_MS = 10_000;

/** RDS refuses `/`, `@`, `"` and spaces, and MySQL more than 41 characters. */
const PASSWORD = { PasswordLength: 40, ExcludePunctuation: true };

/**
 * One step of the rotation of a master password. Each step reads how far the rotation is, and does what is missing: run
 * again, whatever has or hasn't been done before, it comes to the same.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 * @throws if AWS fails, or the event is not about a version that is to become current; Secrets Manager tries again.
 */
export async function rotate(
  event: RotationEvent,
  settings: RotationSettings,
  clients: RotationClients,
): Promise<void> {
  const { VersionIdsToStages: stages = {} } = await clients.secrets.send(
    new DescribeSecretCommand({ SecretId: event.SecretId }),
  );
  const todo = stepFor(event, stages);
  switch (todo) {
    case "createSecret":
      return createSecret(event, clients);
    case "setSecret":
      return setSecret(event, settings, clients);
    case "testSecret":
      return testSecret(settings, clients);
    case "finishSecret":
      return finishSecret(event, stages, clients);
    case "nothing":
      return;
  }
}

type Stages = Readonly<Record<string, readonly string[]>>;
const STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;
type Step = (typeof STEPS)[number];

/**
 * What an event asks for, given the stages of the secret's versions: nothing once the version is the current one.
 * @throws if it asks for no step, or about a version that isn't there or isn't to become current.
 */
export function stepFor({ Step: asked, ClientRequestToken: token }: RotationEvent, stages: Stages): Step | "nothing" {
  const step = STEPS.find((one) => one === asked);
  if (step === undefined) {
    throw new Error(`there is no step ${asked} of a rotation`);
  }
  const own = stages[token];
  if (own?.includes("AWSCURRENT")) {
    return "nothing";
  }
  if (!own?.includes("AWSPENDING")) {
    throw new Error(`version ${token} is not the one that the secret is being rotated to`);
  }
  return step;
}

/** Gives the pending version a password, unless it has one. */
async function createSecret({ SecretId, ClientRequestToken }: RotationEvent, clients: RotationClients): Promise<void> {
  if ((await pendingValue({ SecretId, ClientRequestToken }, clients)) !== undefined) {
    return;
  }
  const { SecretString = "{}" } = await clients.secrets.send(
    new GetSecretValueCommand({ SecretId, VersionStage: "AWSCURRENT" }),
  );
  const { RandomPassword: password } = await clients.secrets.send(new GetRandomPasswordCommand(PASSWORD));
  const value = { ...(JSON.parse(SecretString) as object), password };
  const VersionStages = ["AWSPENDING"];
  try {
    await clients.secrets.send(
      new PutSecretValueCommand({ SecretId, ClientRequestToken, SecretString: JSON.stringify(value), VersionStages }),
    );
  } catch (error) {
    // The read was behind, or another run was faster: the version has a value, and that one counts.
    if ((error as Error).name !== "ResourceExistsException") {
      throw error;
    }
  }
}

/** The pending version's value; `undefined` if it has none yet. */
async function pendingValue(
  { SecretId, ClientRequestToken: VersionId }: Pick<RotationEvent, "SecretId" | "ClientRequestToken">,
  { secrets }: RotationClients,
): Promise<string | undefined> {
  try {
    const { SecretString } = await secrets.send(
      new GetSecretValueCommand({ SecretId, VersionId, VersionStage: "AWSPENDING" }),
    );
    return SecretString;
  } catch (error) {
    if ((error as Error).name === "ResourceNotFoundException") {
      return undefined;
    }
    throw error;
  }
}

/** Tells RDS the pending version's password, as soon as the instance takes it. */
async function setSecret(
  event: RotationEvent,
  { identifier }: RotationSettings,
  clients: RotationClients,
): Promise<void> {
  const value = await pendingValue(event, clients);
  const { password } = JSON.parse(value ?? "{}") as { password?: string };
  if (password === undefined) {
    throw new Error(`version ${event.ClientRequestToken} has no password yet`);
  }
  await until(clients, `${identifier} takes a new password`, async () => {
    try {
      await clients.rds.send(
        new ModifyDBInstanceCommand({
          DBInstanceIdentifier: identifier,
          MasterUserPassword: password,
          ApplyImmediately: true,
        }),
      );
      return true;
    } catch (error) {
      // Something else is being done to it, or the same was asked for already and only the answer was lost.
      if (/^InvalidDBInstanceState/.test((error as Error).name)) {
        return false;
      }
      throw error;
    }
  });
}

/** Waits until RDS says that the password has been taken over. */
async function testSecret({ identifier }: RotationSettings, clients: RotationClients): Promise<void> {
  await until(clients, `${identifier} has taken over the new password`, async () => {
    const { DBInstances: [instance] = [] } = await clients.rds.send(
      new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier }),
    );
    return hasTakenOver(instance);
  });
}

/** Whether no new master password is under way to an instance. */
export function hasTakenOver(instance: DBInstance | undefined): boolean {
  const isUnderWay =
    instance?.DBInstanceStatus === "resetting-master-credentials" ||
    instance?.PendingModifiedValues?.MasterUserPassword !== undefined;
  return instance !== undefined && !isUnderWay;
}

/** Makes the pending version the current one. */
async function finishSecret(
  { SecretId, ClientRequestToken }: RotationEvent,
  stages: Stages,
  { secrets }: RotationClients,
): Promise<void> {
  const current = Object.keys(stages).find((version) => stages[version]?.includes("AWSCURRENT"));
  await secrets.send(
    new UpdateSecretVersionStageCommand({
      SecretId,
      VersionStage: "AWSCURRENT",
      MoveToVersionId: ClientRequestToken,
      RemoveFromVersionId: current,
    }),
  );
}

/** Looks again and again, a while after the last change at first. @throws if it doesn't come to hold. */
async function until({ pause }: RotationClients, what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let look = 1; look <= LOOKS; look++) {
    if (await holds()) {
      return;
    }
    await pause(BETWEEN_LOOKS_MS);
  }
  throw new Error(`waited in vain until ${what}`);
}
