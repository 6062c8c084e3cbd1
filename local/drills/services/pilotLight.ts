import { InvokeCommand, LambdaClient, paginateListFunctions } from "@aws-sdk/client-lambda";
import { clock } from "../clock";
import { DrillContext } from "../drill";
import { PilotLight, Standby } from "../system";
import { ServiceCluster } from "./cluster";
import { Play } from "./play";
import { settleServices } from "./settle";

/** The services of a standby that have no tasks until somebody lights them. */
export const pilotLight: PilotLight = {
  light: async (context, standby) => {
    await settleServices(standby.region, context.clients);
    await tell(context, standby, "on");
    let seconds = 0;
    for (const cluster of await ServiceCluster.all(standby.region, context.clients)) {
      seconds = Math.max(seconds, await startTasks(context, cluster));
    }
    return seconds;
  },
  putOut: async (context, standby) => {
    await tell(context, standby, "off");
    await settleServices(standby.region, context.clients);
    await context.clients.endpoint.set({}, standby.region);
  },
};

/** Gives the runbook's command for every cluster, and looks what ECS and its scaling have been told. */
async function tell(context: DrillContext, { region, stack }: Standby, wish: "on" | "off"): Promise<void> {
  const client = context.clients.make(LambdaClient, region);
  const Payload = JSON.stringify({ light: wish });
  for (const FunctionName of await functionsOf(stack, client)) {
    context.note(`aws lambda invoke --region ${region} --function-name ${FunctionName} --payload '${Payload}'`);
    const answer = await client.send(new InvokeCommand({ FunctionName, Payload }));
    const said = Buffer.from(answer.Payload ?? []).toString();
    context.expect(`${FunctionName} can be told ${Payload}`, answer.FunctionError === undefined, said);
  }
  for (const cluster of await ServiceCluster.all(region, context.clients)) {
    for (const service of await cluster.services()) {
      const { MinCapacity: least = -1 } = (await cluster.scalingOf(service)).bounds;
      const { desiredCount: desired, serviceName } = service;
      const holds = desired === least && (wish === "on") === least > 0;
      const what = wish === "on" ? "as many tasks as its minimum" : "no task";
      context.expect(`${serviceName} is to have ${what}`, holds, `${desired}, and ${least} at least`);
    }
  }
}

async function functionsOf(stack: string, client: LambdaClient): Promise<string[]> {
  const names: string[] = [];
  for await (const { Functions = [] } of paginateListFunctions({ client }, {})) {
    names.push(...Functions.map(({ FunctionName = "" }) => FunctionName));
  }
  return names.filter((name) => name.startsWith(`nplusone-${stack}-`) && name.endsWith("-light"));
}

/** Plays until nothing more happens. Returns the seconds until every service has as many healthy tasks as it is to have. */
async function startTasks(context: DrillContext, cluster: ServiceCluster): Promise<number> {
  const desired = new Map((await cluster.services()).map((one) => [one.serviceName ?? "", one.desiredCount ?? 0]));
  const play = await Play.of(cluster);
  let litAt: number | undefined;
  await play.untilSettled({
    watch: (serving, at) => {
      const all = [...desired].every(([name, count]) => (serving.get(name)?.length ?? 0) >= count);
      litAt ??= all ? at : undefined;
    },
  });
  const { elapsed, obstacles } = play;
  context.expect(`the hosts of ${cluster.name} have room for every task`, obstacles.length === 0, obstacles[0]);
  context.expect(`every service of ${cluster.name} has as many healthy tasks as it is to have`, litAt !== undefined);
  context.note(`${clock(litAt ?? elapsed)}: every service of ${cluster.name} serves`);
  return litAt ?? elapsed;
}
