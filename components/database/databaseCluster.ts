import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ENGINES, familyOf } from "./engine";
import { commonInputs, managedSecretArn, MASTER_USERNAME, Server, ServerArgs } from "./server";

/** How many instances a Multi-AZ DB cluster has: a writer and two readers, each in a zone of its own. */
const MEMBERS = 3;

/**
 * A Multi-AZ DB cluster: a writer and two readers in three zones, of which one takes over in less than 35 seconds under
 * the same name. RDS replicates neither it nor its backups to another Region, and can't restore it once it is deleted
 * but from its final snapshot.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/multi-az-db-clusters-concepts.Limitations.html
 *
 * @example
 * new DatabaseCluster("orders", { ...args, subnetGroupName, securityGroupId, keyArn, finalSnapshotIdentifier });
 */
export class DatabaseCluster extends pulumi.ComponentResource implements Server {
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
    super("nplusone:index:DatabaseCluster", name, {}, opts);

    const cluster = this.createCluster();

    this.host = cluster.endpoint;
    this.port = cluster.port;
    this.members = Array.from({ length: MEMBERS }, (_, i) =>
      cluster.clusterMembers.apply((members) => [...members].sort()[i] ?? ""),
    );
    this.secretArn = managedSecretArn(cluster.masterUserSecrets);
    this.secretKmsKeyArn = pulumi.output(args.keyArn);
    this.registerOutputs({ host: this.host, port: this.port, secretArn: this.secretArn });
  }

  private createParameterGroup(): aws.rds.ClusterParameterGroup {
    const { engine, engineVersion } = this.args;
    return new aws.rds.ClusterParameterGroup(
      `${this.name}-parameters`,
      {
        family: familyOf(engine, engineVersion),
        description: "Connections need TLS",
        parameters: [{ ...ENGINES[engine].requireTls, applyMethod: "pending-reboot" }],
      },
      { parent: this },
    );
  }

  private createCluster(): aws.rds.Cluster {
    const { args } = this;
    const { engine, storage, masterUsername = MASTER_USERNAME } = args;
    return new aws.rds.Cluster(
      `${this.name}-cluster`,
      {
        ...commonInputs(args),
        clusterIdentifier: args.identifier,
        dbClusterInstanceClass: args.instanceClass,
        dbClusterParameterGroupName: this.createParameterGroup().name,
        storageType: "io1",
        allocatedStorage: storage.allocatedGiB,
        iops: storage.iops,
        databaseName: args.databaseName,
        masterUsername,
        manageMasterUserPassword: true,
        masterUserSecretKmsKeyId: args.keyArn,
        enabledCloudwatchLogsExports: [...ENGINES[engine].logs],
        skipFinalSnapshot: false,
        finalSnapshotIdentifier: args.finalSnapshotIdentifier,
      },
      { parent: this, protect: args.protected },
    );
  }
}
