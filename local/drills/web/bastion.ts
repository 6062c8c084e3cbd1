import { AutoScalingClient, AutoScalingGroup, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import {
  Address,
  DescribeAddressesCommand,
  DescribeLaunchTemplateVersionsCommand,
  EC2Client,
  ResponseLaunchTemplateData,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { GetInstanceProfileCommand, IAMClient } from "@aws-sdk/client-iam";
import { Clients } from "../../endpoint/clients";
import { accessKey } from "../../endpoint/identity";
import { Drill } from "../drill";
import { runUserData } from "./boot/boot";

/** The tag of a bastion's group, instance and address, by which they belong together. */
const TAG = "nplusone:bastion";

/** A stack's first bastion, as the AWS APIs know it. */
class Bastion {
  private readonly ec2: EC2Client;
  private readonly autoScaling: AutoScalingClient;

  private constructor(
    private readonly region: string,
    private readonly clients: Clients,
    readonly group: string,
    private readonly tag: string,
  ) {
    this.ec2 = clients.make(EC2Client, region);
    this.autoScaling = clients.make(AutoScalingClient, region);
  }

  static async find(region: string, clients: Clients): Promise<Bastion | undefined> {
    const { AutoScalingGroups = [] } = await clients
      .make(AutoScalingClient, region)
      .send(new DescribeAutoScalingGroupsCommand({}));
    const [found] = AutoScalingGroups.flatMap(({ AutoScalingGroupName: group = "", Tags = [] }) => {
      const tag = Tags.find((t) => t.Key === TAG)?.Value;
      return tag === undefined ? [] : [new Bastion(region, clients, group, tag)];
    });
    return found;
  }

  async described(): Promise<AutoScalingGroup | undefined> {
    const { AutoScalingGroups: [group] = [] } = await this.autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [this.group] }),
    );
    return group;
  }

  /** The group's only instance. */
  async instance(): Promise<string> {
    return (await this.described())?.Instances?.[0]?.InstanceId ?? "";
  }

  /** The address that stays the same. */
  async address(): Promise<Address> {
    const Filters = [{ Name: `tag:${TAG}`, Values: [this.tag] }];
    return (await this.ec2.send(new DescribeAddressesCommand({ Filters }))).Addresses?.[0] ?? {};
  }

  async terminate(): Promise<void> {
    await this.ec2.send(new TerminateInstancesCommand({ InstanceIds: [await this.instance()] }));
  }

  /** Runs the deployed user data, and then the program that its service starts, with the instance's own permissions. */
  async boot(): Promise<boolean> {
    const instanceId = await this.instance();
    const { UserData = "", IamInstanceProfile } = await this.template();
    const script = Buffer.from(UserData, "base64").toString();
    const accessKeyId = await this.accessKey(IamInstanceProfile?.Arn?.split("/").pop() ?? "", instanceId);
    const world = { instanceId, accessKeyId, endpointUrl: this.clients.endpoint.url };
    const { root, exitCode } = await runUserData(script, world);
    const service = await runUserData(`bash ${root}/opt/nplusone/address`, world);
    return exitCode === 0 && service.exitCode === 0;
  }

  private async template(): Promise<ResponseLaunchTemplateData> {
    const { LaunchTemplate } = (await this.described()) ?? {};
    const { LaunchTemplateVersions: [version] = [] } = await this.ec2.send(
      new DescribeLaunchTemplateVersionsCommand({
        LaunchTemplateId: LaunchTemplate?.LaunchTemplateId,
        Versions: [LaunchTemplate?.Version ?? "$Default"],
      }),
    );
    return version?.LaunchTemplateData ?? {};
  }

  private async accessKey(InstanceProfileName: string, session: string): Promise<string> {
    const { InstanceProfile } = await this.clients
      .make(IAMClient, this.region)
      .send(new GetInstanceProfileCommand({ InstanceProfileName }));
    return accessKey({ type: "instance", role: InstanceProfile?.Roles?.[0]?.RoleName ?? "", session });
  }
}

/** The drills of bastions. */
export const bastionDrills: readonly Drill[] = [
  {
    name: "bastion-lost",
    system: "web",
    description:
      "A bastion is terminated. moto's group launches another one, and the drill runs the deployed user data with stand-ins.",
    stackLacks: async ({ region, clients }) =>
      (await Bastion.find(region, clients)) === undefined ? "bastion" : undefined,
    run: async (context) => {
      const bastion = await Bastion.find(context.region, context.clients);
      const booted = (await bastion?.boot()) ?? false;
      const before = (await bastion?.address()) ?? {};
      const lost = (await bastion?.instance()) ?? "";
      if (bastion === undefined || !booted || before.InstanceId !== lost) {
        context.expect("the bastion starts with its address", false, before.InstanceId ?? "none");
        return;
      }
      await context.inject(`the bastion ${lost} is terminated`);
      await bastion.terminate();
      const next = await bastion.instance();
      context.note(`Auto Scaling has launched ${next}`);
      context.expect("another instance takes its place", next !== "" && next !== lost, next);
      context.expect("its user data runs to its end, with no more than its role allows", await bastion.boot());
      const { InstanceId, PublicIp } = await bastion.address();
      context.expect("the new one has the address", InstanceId === next, InstanceId ?? "none");
      context.expect(`which is still ${before.PublicIp}`, PublicIp === before.PublicIp, PublicIp);
    },
  },
];
