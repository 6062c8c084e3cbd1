import { EC2Client, Filter, Instance, paginateDescribeInstances } from "@aws-sdk/client-ec2";

/** The instances that match filters. What callbacks ask for fits on one page. */
export async function describeInstances(ec2: EC2Client, Filters: Filter[]): Promise<Instance[]> {
  const instances: Instance[] = [];
  for await (const { Reservations = [] } of paginateDescribeInstances({ client: ec2 }, { Filters })) {
    instances.push(...Reservations.flatMap((r) => r.Instances ?? []));
  }
  return instances;
}
