import { RotationClients } from "../../../lambdas/database/clients";

/** How the k-th call goes wrong: AWS refuses it, or does what it is asked and the answer is lost. */
export interface Fault {
  readonly call: number;
  readonly kind: "throttled" | "answer lost" | "instance busy";
}

interface Version {
  readonly value: string | undefined;
  readonly stages: readonly string[];
}

const failure = (name: string, httpStatusCode?: number) =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });

/** A secret and its database, as far as a rotation sees them. */
export class FakeAws {
  /** Versions of the secret by id. */
  readonly versions = new Map<string, Version>([
    ["v1", { value: JSON.stringify({ username: "dbadmin", password: "first" }), stages: ["AWSCURRENT"] }],
    ["v2", { value: undefined, stages: ["AWSPENDING"] }],
  ]);
  /** The password that the database accepts. */
  password = "first";
  /** One that it will accept after so many pauses. */
  private pending: { readonly password: string; pauses: number } | undefined;
  /** The actions that were called. */
  readonly calls: string[] = [];
  pauses = 0;
  private made = 0;

  constructor(
    private readonly fault?: Fault,
    private readonly pausesNeeded = 2,
  ) {}

  /** The clients of a rotation whose calls end here. */
  readonly clients = {
    rds: { send: (command: unknown) => this.call(command) },
    secrets: { send: (command: unknown) => this.call(command) },
    pause: () => {
      this.pauses++;
      this.timePasses();
      return Promise.resolve();
    },
  } as unknown as RotationClients;

  /** The password that tiers read. */
  get current(): string | undefined {
    const found = [...this.versions.values()].find(({ stages }) => stages.includes("AWSCURRENT"));
    return (JSON.parse(found?.value ?? "{}") as { password?: string }).password;
  }

  private async call(command: unknown): Promise<unknown> {
    const { input } = command as { input: Record<string, string> };
    const action = (command as object).constructor.name.replace(/Command$/, "");
    this.calls.push(action);
    const isFaulty = this.calls.length === this.fault?.call;
    if (isFaulty && this.fault.kind === "throttled") {
      throw failure("ThrottlingException", 400);
    }
    if (isFaulty && this.fault.kind === "instance busy" && action === "ModifyDBInstance") {
      throw failure("InvalidDBInstanceStateFault", 400);
    }
    const answer = await Promise.resolve(this.answer(action, input));
    if (isFaulty && this.fault.kind === "answer lost") {
      throw failure("TimeoutError");
    }
    return answer;
  }

  private answer(action: string, input: Record<string, string>): unknown {
    switch (action) {
      case "DescribeSecret":
        return { VersionIdsToStages: Object.fromEntries([...this.versions].map(([id, { stages }]) => [id, stages])) };
      case "GetSecretValue":
        return this.value(input);
      case "GetRandomPassword":
        return { RandomPassword: `made-${++this.made}` };
      case "PutSecretValue":
        return this.put(input);
      case "UpdateSecretVersionStage":
        return this.move(input);
      case "ModifyDBInstance":
        if (this.pending !== undefined) {
          throw failure("InvalidDBInstanceStateFault", 400);
        }
        this.pending = { password: input["MasterUserPassword"] ?? "", pauses: this.pausesNeeded };
        return {};
      case "DescribeDBInstances":
        return this.describe();
      default:
        throw new Error(`a rotation doesn't call ${action}`);
    }
  }

  private value({ VersionId, VersionStage = "" }: Record<string, string>) {
    const found = [...this.versions].find(
      ([id, { stages }]) => (VersionId === undefined || id === VersionId) && stages.includes(VersionStage),
    );
    if (found?.[1].value === undefined) {
      throw failure("ResourceNotFoundException", 400);
    }
    return { SecretString: found[1].value };
  }

  private put({ ClientRequestToken: id = "", SecretString: value }: Record<string, string>) {
    const before = this.versions.get(id);
    if (before?.value !== undefined && before.value !== value) {
      throw failure("ResourceExistsException", 400);
    }
    this.versions.set(id, { value, stages: before?.stages ?? ["AWSPENDING"] });
    return {};
  }

  private move({ MoveToVersionId: to = "", RemoveFromVersionId: from = "" }: Record<string, string>) {
    const without = (id: string, stage: string) => (this.versions.get(id)?.stages ?? []).filter((s) => s !== stage);
    this.versions.set(from, { value: this.versions.get(from)?.value, stages: without(from, "AWSCURRENT") });
    this.versions.set(to, {
      value: this.versions.get(to)?.value,
      stages: [...without(to, "AWSCURRENT"), "AWSCURRENT"],
    });
    return {};
  }

  private timePasses() {
    if (this.pending !== undefined && --this.pending.pauses <= 0) {
      this.password = this.pending.password;
      this.pending = undefined;
    }
  }

  private describe() {
    const isUnderWay = this.pending !== undefined;
    return {
      DBInstances: [
        {
          DBInstanceStatus: isUnderWay ? "resetting-master-credentials" : "available",
          PendingModifiedValues: isUnderWay ? { MasterUserPassword: "****" } : {},
        },
      ],
    };
  }
}
