import { ACMClient, RequestCertificateCommand } from "@aws-sdk/client-acm";
import {
  _InstanceType,
  CopyImageCommand,
  DescribeImagesCommand,
  DescribeInstanceTypesCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { Route53Client } from "@aws-sdk/client-route-53";
import { Clients } from "../../endpoint/clients";
import { zoneFor } from "../../stacks/making";
import { StackFile } from "../../stacks/stackFiles";

/** Makes the certificates, hosted zones and images that a stack's tiers name. */
export async function prepareTiers(
  { region, config: { web = [] } }: StackFile,
  clients: Clients,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  for (const { certificateArn, domainName, imageId, instanceType, zoneId } of web) {
    if (certificateArn !== undefined) {
      ids.set(certificateArn, await requestCertificate(clients.make(ACMClient, region), domainName));
    }
    if (zoneId !== undefined && !ids.has(zoneId)) {
      ids.set(zoneId, await zoneFor(clients.make(Route53Client, region), zoneId, domainName));
    }
    if (imageId !== undefined) {
      ids.set(imageId, await imageFor(clients.make(EC2Client, region), region, imageId, instanceType));
    }
  }
  return ids;
}

/** The same token, the same certificate. */
async function requestCertificate(acm: ACMClient, DomainName = "example.com"): Promise<string> {
  const IdempotencyToken = DomainName.replace(/\W/g, "_").slice(-32);
  const { CertificateArn } = await acm.send(new RequestCertificateCommand({ DomainName, IdempotencyToken }));
  return CertificateArn ?? "";
}

/** A copy of Amazon Linux 2023, of the instance type's architecture. */
export async function imageFor(ec2: EC2Client, SourceRegion: string, imageId: string, type: string): Promise<string> {
  const Name = `stands-for-${imageId}`;
  const there = await imageNamed(ec2, Name);
  if (there !== undefined) {
    return there;
  }
  const { InstanceTypes: [{ ProcessorInfo } = {}] = [] } = await ec2.send(
    new DescribeInstanceTypesCommand({ InstanceTypes: [type as _InstanceType] }),
  );
  const SourceImageId = await imageNamed(ec2, "al2023-ami-2*", ProcessorInfo?.SupportedArchitectures?.[0]);
  return (await ec2.send(new CopyImageCommand({ Name, SourceImageId, SourceRegion }))).ImageId ?? "";
}

async function imageNamed(ec2: EC2Client, name: string, architecture?: string): Promise<string | undefined> {
  const Filters = [
    { Name: "name", Values: [name] },
    ...(architecture === undefined ? [] : [{ Name: "architecture", Values: [architecture] }]),
  ];
  return (await ec2.send(new DescribeImagesCommand({ Filters }))).Images?.[0]?.ImageId;
}
