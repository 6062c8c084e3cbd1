/** What other collections of rules have, and this pack lacks on purpose: taken stock of in November 2026. */
export const ABROAD = `## Beside other collections

| collection | what it has for redundancy | what this pack adds | what this pack lacks on purpose |
| --- | --- | --- | --- |
| AWSGuard (Pulumi) | RDS Multi-AZ and backups, Classic ELB cross-zone, EFS, S3 replication | spread over zones of everything, references followed, room for tasks when a zone is lost, replication that really replicates, failover in DNS, gateways, alarms, workflows, Outposts | S3 replication of every bucket (one is in three zones already): only of those that workloads write to where DNS leads to another Region; rules on tags |
| AWS Guard rules registry, reliability set | switches of single CloudFormation resources | what only the whole stack shows: routes, members of clusters, events from rule to role | the same switches for CloudFormation's own types |
| checkov | hundreds of switches, few about redundancy | the same as above, and counts | everything that is security alone, but for IMDSv2, wildcards, public addresses, encrypted data and who may read sessions, without which redundancy is void |
| AWS Config, Trusted Advisor | what runs, after the fact, and usage (e.g. idle tunnels) | the same before it is made | what only running systems show: VPN tunnels that are down, stale snapshots, service quotas |`;
