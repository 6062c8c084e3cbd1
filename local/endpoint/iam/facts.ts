import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeTagsCommand,
  EC2Client,
  LaunchTemplate,
  ResponseLaunchTemplateData,
} from "@aws-sdk/client-ec2";
import { GetInstanceProfileCommand, IAMClient } from "@aws-sdk/client-iam";
import { DescribeSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { GetTopicAttributesCommand, SNSClient } from "@aws-sdk/client-sns";

/** The account of everything that is emulated. */
export const ACCOUNT = "123456789012";

/** An Auto Scaling group as IAM sees it. */
export interface GroupFacts {
  readonly arn: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** What IAM knows of resources beyond the request: tags, who belongs to what. Read from the emulators, past the endpoint. */
export class Facts {
  private readonly ec2: EC2Client;
  private readonly autoScaling: AutoScalingClient;
  private readonly iam: IAMClient;
  private readonly secrets: SecretsManagerClient;
  private readonly dynamoDb: DynamoDBClient;
  private readonly sns: SNSClient;
  /** Partition keys by table: they never change. */
  private readonly partitionKeys = new Map<string, Promise<string>>();

  constructor(region: string, moto: string, ministack: string) {
    const credentials = { accessKeyId: "ENDPOINT", secretAccessKey: "local" };
    const [onMoto, onMinistack] = [moto, ministack].map((endpoint) => ({ region, endpoint, credentials }));
    this.ec2 = new EC2Client({ ...onMoto });
    this.autoScaling = new AutoScalingClient({ ...onMoto });
    this.iam = new IAMClient({ ...onMoto });
    this.secrets = new SecretsManagerClient({ ...onMoto });
    this.dynamoDb = new DynamoDBClient({ ...onMinistack });
    this.sns = new SNSClient({ ...onMinistack });
  }

  /** Tags of an EC2 resource, by its id. */
  async tags(id: string): Promise<Record<string, string>> {
    const { Tags = [] } = await this.ec2.send(
      new DescribeTagsCommand({ Filters: [{ Name: "resource-id", Values: [id] }] }),
    );
    return Object.fromEntries(Tags.map((t) => [t.Key ?? "", t.Value ?? ""]));
  }

  /** The instance that an attachment's interface is attached to, and the interface. */
  async attachment(id: string): Promise<{ instanceId: string; networkInterfaceId: string }> {
    const { NetworkInterfaces = [] } = await this.ec2.send(
      new DescribeNetworkInterfacesCommand({ Filters: [{ Name: "attachment.attachment-id", Values: [id] }] }),
    );
    const [one] = NetworkInterfaces;
    return { instanceId: one?.Attachment?.InstanceId ?? "*", networkInterfaceId: one?.NetworkInterfaceId ?? "*" };
  }

  /** A launch template and the data of one of its versions. */
  async launchTemplate(
    named: { readonly id: string } | { readonly name: string },
    version: string,
  ): Promise<{ template: LaunchTemplate; data: ResponseLaunchTemplateData } | undefined> {
    const { LaunchTemplates: [template] = [] } = await this.ec2.send(
      new DescribeLaunchTemplatesCommand(
        "id" in named ? { LaunchTemplateIds: [named.id] } : { LaunchTemplateNames: [named.name] },
      ),
    );
    if (template === undefined) {
      return undefined;
    }
    const { LaunchTemplateVersions: [found] = [] } = await this.ec2.send(
      new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: template.LaunchTemplateId, Versions: [version] }),
    );
    return { template, data: found?.LaunchTemplateData ?? {} };
  }

  /** The security group that an instance gets where none is named: the default one of the subnet's VPC. */
  async defaultSecurityGroup(subnetId: string): Promise<string> {
    const { Subnets: [subnet] = [] } = await this.ec2.send(new DescribeSubnetsCommand({ SubnetIds: [subnetId] }));
    const Filters = [
      { Name: "vpc-id", Values: [subnet?.VpcId ?? ""] },
      { Name: "group-name", Values: ["default"] },
    ];
    const { SecurityGroups: [group] = [] } = await this.ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
    return group?.GroupId ?? "*";
  }

  /** ARN of the role in an instance profile, by the profile's name. */
  async roleOfProfile(InstanceProfileName: string): Promise<string> {
    const { InstanceProfile } = await this.iam.send(new GetInstanceProfileCommand({ InstanceProfileName }));
    return InstanceProfile?.Roles?.[0]?.Arn ?? "*";
  }

  /** An Auto Scaling group by its name, or by one of its instances. */
  async group(named: { readonly name: string } | { readonly instanceId: string }): Promise<GroupFacts | undefined> {
    const { AutoScalingGroups = [] } = await this.autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
    const found = AutoScalingGroups.find((group) =>
      "name" in named
        ? group.AutoScalingGroupName === named.name
        : group.Instances?.some((i) => i.InstanceId === named.instanceId),
    );
    return (
      found && {
        arn: found.AutoScalingGroupARN ?? "*",
        tags: Object.fromEntries((found.Tags ?? []).map((t) => [t.Key ?? "", t.Value ?? ""])),
      }
    );
  }

  /** Name of a table's partition key. */
  partitionKey(TableName: string): Promise<string> {
    const known = this.partitionKeys.get(TableName);
    const asked =
      known ??
      this.dynamoDb
        .send(new DescribeTableCommand({ TableName }))
        .then(({ Table }) => Table?.KeySchema?.find((k) => k.KeyType === "HASH")?.AttributeName ?? "");
    this.partitionKeys.set(TableName, asked);
    return asked;
  }

  /** The KMS key that a topic is encrypted with, if it is one of the account's own. */
  async topicKey(TopicArn: string): Promise<string | undefined> {
    const { Attributes } = await this.sns.send(new GetTopicAttributesCommand({ TopicArn }));
    return ownKey(Attributes?.["KmsMasterKeyId"]);
  }

  /** ARN of a secret, and the KMS key that it is encrypted with, if it is one of the account's own. */
  async secret(SecretId: string): Promise<{ arn: string; key: string | undefined }> {
    const { ARN, KmsKeyId } = await this.secrets.send(new DescribeSecretCommand({ SecretId }));
    return { arn: ARN ?? SecretId, key: ownKey(KmsKeyId) };
  }
}

/** AWS's own keys admit everybody in the account who comes through their service: IAM isn't asked. */
const ownKey = (key: string | undefined) => (key === undefined || key.includes("alias/aws/") ? undefined : key);
