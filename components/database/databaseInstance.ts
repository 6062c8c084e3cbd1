import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { EncryptionKey } from "../common/encryptionKey";
import { ENGINES, familyOf } from "./engine";
import { MasterSecret } from "./masterSecret";
import { commonInputs, managedSecretArn, MASTER_USERNAME, Server, ServerArgs } from "./server";

/** RDS copies all of the source's data before a replica is there, which takes hours. */
const REPLICA_TIMEOUT = "24h";

/**
 * A Multi-AZ instance with a standby in another zone that takes over in 60 to 120 seconds under the same name, and whose
 * backups are replicated to the partner Region; or such an instance that follows one in another Region.
 *
 * @example
 * new DatabaseInstance("orders", { ...args, subnetGroupName, securityGroupId, keyArn, finalSnapshotIdentifier });
 */
export class DatabaseInstance extends pulumi.ComponentResource implements Server {
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  readonly secretArn: pulumi.Output<string>;
  readonly secretKmsKeyArn: pulumi.Output<string>;
  readonly members: readonly pulumi.Output<string>[];

  constructor(
    private readonly name: string,
    private readonly args: ServerArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:DatabaseInstance", name, {}, opts);
    const { replicaOf } = args;

    const partnerKey = this.createPartnerKey();
    const secret = args.masterPassword === "own" ? this.createSecret(partnerKey) : undefined;
    const instance = this.createInstance(secret);
    this.replicateBackups(instance, partnerKey);
    secret?.rotateFor(instance);

    this.host = instance.address;
    this.port = instance.port;
    this.members = [instance.identifier];
    this.secretArn = pulumi.output(
      replicaOf?.secretArn ?? secret?.secretArn ?? managedSecretArn(instance.masterUserSecrets),
    );
    this.secretKmsKeyArn = pulumi.output(replicaOf?.secretKmsKeyArn ?? args.keyArn);
    this.registerOutputs({ host: this.host, port: this.port, secretArn: this.secretArn });
  }

  /** What is replicated is encrypted by a key of the Region that it is replicated to. */
  private createPartnerKey(): EncryptionKey | undefined {
    const { identifier, partnerRegion: region } = this.args;
    if (region === undefined) {
      return undefined;
    }
    const description = `What ${identifier} replicates to ${region}`;
    return new EncryptionKey(`${this.name}-partner`, { description, region, keep: true }, { parent: this });
  }

  private createSecret(partnerKey: EncryptionKey | undefined): MasterSecret {
    const { identifier, keyArn, kmsKeyArn, topicArn, partnerRegion, rotationDays = 30 } = this.args;
    const { masterUsername = MASTER_USERNAME } = this.args;
    const partner =
      partnerRegion === undefined || partnerKey === undefined
        ? undefined
        : { region: partnerRegion, kmsKeyArn: partnerKey.arn };
    return new MasterSecret(
      `${this.name}-master`,
      { identifier, masterUsername, keyArn, kmsKeyArn, topicArn, rotationDays, partner },
      { parent: this },
    );
  }

  private createParameterGroup(): aws.rds.ParameterGroup {
    const { engine, engineVersion } = this.args;
    return new aws.rds.ParameterGroup(
      `${this.name}-parameters`,
      {
        family: familyOf(engine, engineVersion),
        description: "Connections need TLS",
        // Static parameters take no other way, and a new instance starts with it.
        parameters: [{ ...ENGINES[engine].requireTls, applyMethod: "pending-reboot" }],
      },
      { parent: this },
    );
  }

  private createInstance(secret: MasterSecret | undefined): aws.rds.Instance {
    const { args } = this;
    const { engine, replicaOf, storage } = args;
    return new aws.rds.Instance(
      `${this.name}-instance`,
      {
        ...commonInputs(args),
        ...(replicaOf === undefined ? this.sourceInputs(secret) : this.replicaInputs(replicaOf.sourceArn)),
        identifier: args.identifier,
        instanceClass: args.instanceClass,
        multiAz: true,
        publiclyAccessible: false,
        parameterGroupName: this.createParameterGroup().name,
        storageType: "gp3",
        allocatedStorage: storage.allocatedGiB,
        maxAllocatedStorage: storage.maximumGiB ?? 2 * storage.allocatedGiB,
        enabledCloudwatchLogsExports: [...ENGINES[engine].logs],
        autoMinorVersionUpgrade: true,
        // What can be restored stays after the instance, for as long as backups are kept.
        deleteAutomatedBackups: false,
      },
      {
        parent: this,
        protect: args.protected,
        // The password in the state is only the first one, and void since the first rotation.
        ignoreChanges: ["password"],
        ...(replicaOf === undefined ? {} : { customTimeouts: { create: REPLICA_TIMEOUT } }),
      },
    );
  }

  private sourceInputs(secret: MasterSecret | undefined): Partial<aws.rds.InstanceArgs> {
    const { databaseName, keyArn, finalSnapshotIdentifier, masterUsername = MASTER_USERNAME } = this.args;
    return {
      dbName: databaseName,
      username: masterUsername,
      ...(secret === undefined
        ? { manageMasterUserPassword: true, masterUserSecretKmsKeyId: keyArn }
        : { password: secret.firstPassword }),
      skipFinalSnapshot: false,
      finalSnapshotIdentifier,
    };
  }

  /** User, password and database come from the source, and RDS takes no final snapshot of a replica. */
  private replicaInputs(replicateSourceDb: string): Partial<aws.rds.InstanceArgs> {
    return { replicateSourceDb, skipFinalSnapshot: true };
  }

  private replicateBackups(instance: aws.rds.Instance, partnerKey: EncryptionKey | undefined): void {
    const { partnerRegion: region, backupRetentionDays } = this.args;
    if (region === undefined || partnerKey === undefined) {
      return;
    }
    new aws.rds.InstanceAutomatedBackupsReplication(
      `${this.name}-backups`,
      {
        sourceDbInstanceArn: instance.arn,
        kmsKeyId: partnerKey.arn,
        retentionPeriod: backupRetentionDays,
        region,
      },
      { parent: this },
    );
  }
}
