/** The database engines that a stack can have. */
export type DatabaseEngine = "postgres" | "mysql";

/** What differs from one engine to another. */
interface EngineFacts {
  /** What people call it. */
  readonly title: string;
  /** TCP port. */
  readonly port: number;
  /** How a major version is written, and an example. */
  readonly majorVersion: { readonly pattern: RegExp; readonly example: string };
  /**
   * The first major version of which RDS has Multi-AZ DB clusters.
   * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.RDS_Fea_Regions_DB-eng.Feature.MultiAZDBClusters.html
   */
  readonly firstClusterVersion: number;
  /** The logs that RDS hands to CloudWatch; the same of an instance and of a cluster. */
  readonly logs: readonly string[];
  /** The parameter that refuses connections without TLS, and the value that does. */
  readonly requireTls: { readonly name: string; readonly value: string };
  /**
   * Bytes of memory for each connection that the engine allows by default, and the most that it ever does.
   * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections
   */
  readonly bytesPerConnection: number;
  readonly mostConnections: number;
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html and the same for MySQL. */
export const ENGINES: Readonly<Record<DatabaseEngine, EngineFacts>> = {
  postgres: {
    title: "PostgreSQL",
    port: 5432,
    majorVersion: { pattern: /^\d{2}$/, example: "17" },
    firstClusterVersion: 13,
    logs: ["postgresql", "upgrade"],
    requireTls: { name: "rds.force_ssl", value: "1" },
    bytesPerConnection: 9_531_392,
    mostConnections: 5000,
  },
  mysql: {
    title: "MySQL",
    port: 3306,
    majorVersion: { pattern: /^\d\.\d$/, example: "8.4" },
    firstClusterVersion: 8,
    logs: ["error", "slowquery"],
    requireTls: { name: "require_secure_transport", value: "1" },
    bytesPerConnection: 12_582_880,
    mostConnections: 100_000,
  },
};

/** Family of the parameter groups of a major version, e.g. `postgres17` or `mysql8.4`. */
export const familyOf = (engine: DatabaseEngine, majorVersion: string): string => `${engine}${majorVersion}`;

/** Whether RDS has Multi-AZ DB clusters of a major version. */
export const hasClusters = (engine: DatabaseEngine, majorVersion: string): boolean =>
  Number(majorVersion) >= ENGINES[engine].firstClusterVersion;
