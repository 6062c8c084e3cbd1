/* eslint-disable @typescript-eslint/no-explicit-any -- the plugin boundary: whatever the engine sends */
import * as pulumi from "@pulumi/pulumi";
import * as provider from "@pulumi/pulumi/provider";
import { dependencies } from "../../../package.json";
import { Image } from "./image";
import { ApplicationLoadBalancer } from "./lb";
import { Vpc } from "./vpc";

const plugin: provider.Provider = {
  version: dependencies["@pulumi/awsx"],
  async construct(name, type, inputs, options) {
    const { urn, state } = await made(name, type, inputs, options);
    return { urn, state };
  },
};

async function made(name: string, type: string, inputs: pulumi.Inputs, options: pulumi.ComponentResourceOptions) {
  switch (type) {
    case "awsx:ec2:Vpc":
      return new Vpc(name, await plain(inputs), options);
    case "awsx:lb:ApplicationLoadBalancer":
      return new ApplicationLoadBalancer(name, inputs, options);
    case "awsx:ecr:Image":
      return new Image(name, inputs, options);
    default:
      throw new Error(`the rehearsal doesn't know ${type}: add it to local/plugins/awsx/main.ts`);
  }
}

/** The inputs of `awsx.ec2.Vpc` that the program gives are plain values in an output's clothing. */
async function plain(inputs: pulumi.Inputs): Promise<any> {
  return (pulumi.output(inputs) as any).promise();
}

void provider.main(plugin, process.argv.slice(2));
