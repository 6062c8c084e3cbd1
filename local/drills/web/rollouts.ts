import {
  CreateImageCommand,
  CreateLaunchTemplateVersionCommand,
  DeleteLaunchTemplateVersionsCommand,
  EC2Client,
  ModifyLaunchTemplateCommand,
  RequestLaunchTemplateData,
} from "@aws-sdk/client-ec2";
import { InvokeCommand, LambdaClient, paginateListFunctions } from "@aws-sdk/client-lambda";
import { Tier } from "./tier";

/** What an `up` with another image does to a tier: a new version of its template, and the callback that rolls it out. */
export class Rollouts {
  private readonly ec2: EC2Client;

  private constructor(
    private readonly tier: Tier,
    private readonly templateId: string,
    /** The version that the tier had in the beginning. */
    readonly first: string,
  ) {
    this.ec2 = tier.clients.make(EC2Client, tier.region);
  }

  static async of(tier: Tier): Promise<Rollouts> {
    const { id, version } = await tier.template();
    return new Rollouts(tier, id, version);
  }

  /** An image made of an instance. */
  async image(InstanceId: string, what: string): Promise<string> {
    const Name = `${this.tier.name}-${what}-${Date.now()}`;
    return (await this.ec2.send(new CreateImageCommand({ InstanceId, Name }))).ImageId ?? "";
  }

  /** A version that is as the first one but for the image, and the default now. Returns its number. */
  async newVersion(ImageId: string): Promise<string> {
    const { data } = await this.tier.template(this.first);
    // moto mixes up the tags of the template with those of what is launched from it.
    const TagSpecifications = data.TagSpecifications?.filter((t) => t.ResourceType !== "launch-template");
    const LaunchTemplateData = { ...data, TagSpecifications, ImageId } as RequestLaunchTemplateData;
    const { LaunchTemplateVersion } = await this.ec2.send(
      new CreateLaunchTemplateVersionCommand({ LaunchTemplateId: this.templateId, LaunchTemplateData }),
    );
    const version = String(LaunchTemplateVersion?.VersionNumber);
    await this.makeDefault(version);
    return version;
  }

  /** Has the first version rolled out again. */
  async backTo(version: string): Promise<void> {
    await this.makeDefault(version);
    await this.rollOut(version);
  }

  /** Runs the deployed callback as the stack's invocation does. @throws what it throws */
  async rollOut(version: string): Promise<void> {
    const lambda = this.tier.clients.make(LambdaClient, this.tier.region);
    const { FunctionError, Payload } = await lambda.send(
      new InvokeCommand({
        FunctionName: await this.callback(lambda),
        Payload: Buffer.from(JSON.stringify({ version })),
      }),
    );
    if (FunctionError !== undefined) {
      throw new Error(`the rollout failed: ${Buffer.from(Payload ?? []).toString()}`);
    }
  }

  /** As if these had never been: the stack knows nothing of them. */
  async forget(Versions: string[]): Promise<void> {
    await this.ec2.send(new DeleteLaunchTemplateVersionsCommand({ LaunchTemplateId: this.templateId, Versions }));
  }

  private async makeDefault(DefaultVersion: string): Promise<void> {
    await this.ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateId: this.templateId, DefaultVersion }));
  }

  /** Name of the deployed function that rolls versions out. */
  private async callback(client: LambdaClient): Promise<string> {
    const own = new RegExp(`^${this.tier.name}-rollout-function-[0-9a-f]{7}$`);
    for await (const { Functions = [] } of paginateListFunctions({ client }, {})) {
      const found = Functions.find((f) => own.test(f.FunctionName ?? ""));
      if (found !== undefined) {
        return found.FunctionName ?? "";
      }
    }
    throw new Error(`no function rolls versions of ${this.tier.name} out`);
  }
}
