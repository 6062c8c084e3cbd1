import {
  AutoScalingClient,
  CompleteLifecycleActionCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeLifecycleHooksCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  ContainerInstance,
  DeregisterContainerInstanceCommand,
  DescribeContainerInstancesCommand,
  ECSClient,
  paginateListContainerInstances,
} from "@aws-sdk/client-ecs";
import { announce, Announcement } from "../common/announce";
import { throwFirstError } from "../common/settled";
import { HostsClients } from "./clients";
import { Act, decide, Group, Host } from "./decide";
import { forgetSilence, noteSilence, readSilences, subjectOf } from "./memory";
import { HostsSettings } from "./settings";

/** How many hosts ECS describes at once. */
const PAGE = 100;

/** What was done about which instances. */
export interface HostsResult {
  readonly acts: readonly { readonly act: Act["act"]; readonly instanceId: string }[];
  /** Subjects that people were told of. */
  readonly told: readonly string[];
}

/**
 * Replaces hosts without contact to ECS, and takes those from the cluster that are gone. It is run when ECS says that an
 * agent is disconnected, and every minute; what the event says is not looked at, only what is. Every step is safe to
 * repeat, and what a run that died has left undone the next one does.
 * @throws the first error met; what else there is to do is done all the same.
 */
export async function careForHosts(
  _event: unknown,
  settings: HostsSettings,
  clients: HostsClients,
): Promise<HostsResult> {
  const now = clients.now();
  const { group, hosts } = await observe(settings, clients);
  const acts = decide(hosts, group, settings, now.getTime());
  const outcomes = await Promise.allSettled(acts.map((act) => carryOut(act, now, settings, clients)));
  const done = acts.filter((_, i) => outcomes[i]?.status === "fulfilled");
  const told = await announce(announcementsOf(hosts, done, settings), settings, clients, now);
  throwFirstError(outcomes);
  return { acts: done.map(({ act, host }) => ({ act, instanceId: host.instanceId })), told };
}

async function observe(
  settings: HostsSettings,
  clients: HostsClients,
): Promise<{ readonly group: Group; readonly hosts: readonly Host[] }> {
  const [containerInstances, groups, silences] = await Promise.all([
    describeHosts(settings.clusterArn, clients.ecs),
    clients.autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [settings.groupName] })),
    readSilences(settings, clients.dynamoDb),
  ]);
  const group = groups.AutoScalingGroups?.[0];
  if (group === undefined) {
    // Without it every host would look as if it were gone.
    throw new Error(`there is no Auto Scaling group ${settings.groupName}`);
  }
  const lifecycles = new Map(group.Instances?.map((one) => [one.InstanceId, one.LifecycleState]));
  return {
    group: {
      desired: group.DesiredCapacity ?? 0,
      inService: [...lifecycles.values()].filter((state) => state === "InService").length,
    },
    hosts: containerInstances.map((one) => ({
      arn: one.containerInstanceArn ?? "",
      instanceId: one.ec2InstanceId ?? "",
      answers: one.agentConnected ?? true,
      isActive: one.status === "ACTIVE",
      runningTasks: one.runningTasksCount ?? 0,
      lifecycle: lifecycles.get(one.ec2InstanceId),
      silentSince: silences.get(one.ec2InstanceId ?? ""),
    })),
  };
}

/** All hosts that ECS knows, those included that it drains. */
async function describeHosts(cluster: string, ecs: ECSClient): Promise<ContainerInstance[]> {
  const hosts: ContainerInstance[] = [];
  const pages = paginateListContainerInstances({ client: ecs, pageSize: PAGE }, { cluster });
  for await (const { containerInstanceArns = [] } of pages) {
    if (containerInstanceArns.length > 0) {
      const answer = await ecs.send(
        new DescribeContainerInstancesCommand({ cluster, containerInstances: containerInstanceArns }),
      );
      hosts.push(...(answer.containerInstances ?? []));
    }
  }
  return hosts;
}

async function carryOut({ act, host }: Act, now: Date, settings: HostsSettings, clients: HostsClients): Promise<void> {
  switch (act) {
    case "note":
      return noteSilence(host.instanceId, now, settings, clients.dynamoDb);
    case "forget":
      return forgetSilence(host.instanceId, settings, clients.dynamoDb);
    case "terminate":
      await clients.autoScaling.send(
        new TerminateInstanceInAutoScalingGroupCommand({
          InstanceId: host.instanceId,
          ShouldDecrementDesiredCapacity: false,
        }),
      );
      return;
    case "give up":
      // The instance first: once ECS has forgotten the host, nobody would look for what Auto Scaling waits for.
      if (host.lifecycle === "Terminating:Wait") {
        await endWaiting(host.instanceId, settings.groupName, clients.autoScaling);
      }
      return deregister(host.arn, settings.clusterArn, clients.ecs);
    case "hold":
  }
}

/** ECS's own hook is among those that wait. */
async function endWaiting(
  InstanceId: string,
  AutoScalingGroupName: string,
  autoScaling: AutoScalingClient,
): Promise<void> {
  const { LifecycleHooks = [] } = await autoScaling.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName }));
  const hooks = LifecycleHooks.filter((hook) => hook.LifecycleTransition === "autoscaling:EC2_INSTANCE_TERMINATING");
  for (const { LifecycleHookName } of hooks) {
    try {
      await autoScaling.send(
        new CompleteLifecycleActionCommand({
          ...{ AutoScalingGroupName, InstanceId, LifecycleHookName, LifecycleActionResult: "CONTINUE" },
        }),
      );
    } catch (error) {
      // There is nothing to complete: it has been, or has run out.
      if ((error as Error).name !== "ValidationError") {
        throw error;
      }
    }
  }
}

/** By force, since its tasks count as running as long as nobody says otherwise. */
async function deregister(containerInstance: string, cluster: string, ecs: ECSClient): Promise<void> {
  try {
    await ecs.send(new DeregisterContainerInstanceCommand({ cluster, containerInstance, force: true }));
  } catch (error) {
    // It has been deregistered.
    if ((error as Error).name !== "InvalidParameterException") {
      throw error;
    }
  }
}

/** The states of a host that people hear of. */
const ANSWERS = "answers";
const REPLACED = "is replaced";
const HELD = "is not replaced";

function announcementsOf(hosts: readonly Host[], done: readonly Act[], settings: HostsSettings): Announcement[] {
  const actOf = (host: Host) => done.find((one) => one.host === host)?.act;
  return hosts.flatMap((host) => {
    const act = actOf(host);
    if (host.answers) {
      return [announcement(host, ANSWERS, settings)];
    }
    if (act === "terminate" || act === "give up") {
      return [announcement(host, REPLACED, settings)];
    }
    return act === "hold" ? [announcement(host, HELD, settings)] : [];
  });
}

function announcement({ instanceId }: Host, state: string, settings: HostsSettings): Announcement {
  const { cluster, graceSeconds, requiredHosts } = settings;
  const bodies: Readonly<Record<string, string>> = {
    [ANSWERS]: "ECS has contact to its agent again. Nothing has to be done.",
    [REPLACED]:
      `ECS has had no contact to its agent for ${graceSeconds / 60} minutes. Auto Scaling launches another in its place, ` +
      "and its tasks start elsewhere. Nothing has to be done.",
    [HELD]:
      `ECS has had no contact to its agent for ${graceSeconds / 60} minutes. It is left alone, because fewer than the ` +
      `${requiredHosts} hosts answer that the services need: see docs/runbooks/services.md.`,
  };
  return {
    subject: subjectOf(instanceId),
    state,
    initialState: ANSWERS,
    message: () => ({
      subject: `${cluster}: host ${instanceId} ${state === ANSWERS ? "answers again" : `doesn't answer and ${state}`}`,
      body: bodies[state] ?? "",
    }),
  };
}
