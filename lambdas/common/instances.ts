import { DescribeInstancesCommand, EC2Client, Filter, Instance } from "@aws-sdk/client-ec2";

/** The instances that match filters, page after page; what callbacks ask for fits on one. */
export async function describeInstances(ec2: EC2Client, Filters: Filter[]): Promise<Instance[]> {
  const instances: Instance[] = [];
  let NextToken: string | undefined;
  do {
    const page = await ec2.send(new DescribeInstancesCommand({ Filters, NextToken }));
    instances.push(...(page.Reservations ?? []).flatMap((r) => r.Instances ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return instances;
}
