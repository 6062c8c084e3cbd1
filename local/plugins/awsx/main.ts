/* eslint-disable @typescript-eslint/no-explicit-any -- the plugin boundary: whatever the engine sends */
import * as pulumi from "@pulumi/pulumi";
import * as provider from "@pulumi/pulumi/provider";
import { dependencies } from "../../../package.json";
import { Vpc } from "./vpc";

const plugin: provider.Provider = {
  version: dependencies["@pulumi/awsx"],
  async construct(name, type, inputs, options) {
    if (type !== "awsx:ec2:Vpc") {
      throw new Error(`the rehearsal doesn't know ${type}: add it to local/plugins/awsx/main.ts`);
    }
    const vpc = new Vpc(name, await plain(inputs), options);
    return { urn: vpc.urn, state: vpc.state };
  },
};

/** The inputs of `awsx.ec2.Vpc` that the program gives are plain values in an output's clothing. */
async function plain(inputs: pulumi.Inputs): Promise<any> {
  return (pulumi.output(inputs) as any).promise();
}

void provider.main(plugin, process.argv.slice(2));
