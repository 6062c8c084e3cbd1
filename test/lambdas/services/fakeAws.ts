import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ECSClient, Service } from "@aws-sdk/client-ecs";
import { DeploymentsClients, HostsClients, LightClients } from "../../../lambdas/services/clients";
import { FakeTable, TableRequest } from "../common/fakeTable";

type Input = Record<string, unknown>;

/** A host in the fake. */
export interface FakeHost {
  readonly instanceId: string;
  agentConnected: boolean;
  status: "ACTIVE" | "DRAINING";
  runningTasks: number;
  lifecycle: string | undefined;
}

const named = (name: string, message = name) => Object.assign(new Error(message), { name });
const arnOf = (instanceId: string) => `arn:aws:ecs:us-east-1:123456789012:container-instance/shop/${instanceId}`;

/** ECS, Auto Scaling, SNS and the state table, as far as the handlers of services see them. */
export class FakeAws {
  readonly calls: string[] = [];
  readonly messages: { subject: string; body: string }[] = [];
  hosts: FakeHost[] = [];
  services: Service[] = [];
  desired = 0;
  groupIsThere = true;
  now = new Date("2026-11-22T12:00:00Z");
  /** Scalable targets' bounds, by resource. */
  readonly bounds = new Map<string, [number, number]>();
  /** Is waited for before a call is executed, and after it: what fails then is executed, and its answer lost. */
  before: (action: string) => void = () => undefined;
  afterwards: (action: string) => void = () => undefined;

  private readonly table = new FakeTable();

  add(...instanceIds: string[]): void {
    for (const instanceId of instanceIds) {
      const host = {
        instanceId,
        agentConnected: true,
        status: "ACTIVE",
        runningTasks: 3,
        lifecycle: "InService",
      } as const;
      this.hosts.push({ ...host });
      this.desired++;
    }
  }

  host(instanceId: string): FakeHost {
    const found = this.hosts.find((one) => one.instanceId === instanceId);
    if (found === undefined) {
      throw new Error(`no host ${instanceId}`);
    }
    return found;
  }

  minutesPass(minutes: number): void {
    this.now = new Date(this.now.getTime() + minutes * 60_000);
  }

  clients(): HostsClients & DeploymentsClients & LightClients {
    const send = async (command: { constructor: { name: string }; input: object }) => {
      const action = command.constructor.name.replace(/Command$/, "");
      await Promise.resolve();
      this.calls.push(action);
      this.before(action);
      const answer = this.execute(action, command.input as Input);
      this.afterwards(action);
      return answer;
    };
    return {
      // Paginators insist on clients of their own kind.
      autoScaling: Object.assign(new AutoScalingClient({}), { send }),
      dynamoDb: Object.assign(new DynamoDBClient({}), { send }),
      ecs: Object.assign(new ECSClient({}), { send }),
      sns: { send },
      applicationAutoScaling: { send },
      now: () => this.now,
    } as unknown as HostsClients & DeploymentsClients & LightClients;
  }

  private execute(action: string, input: Input): object {
    const execute = this.actions[action];
    if (execute === undefined) {
      throw new Error(`the fake doesn't know ${action}`);
    }
    return execute(input);
  }

  private readonly actions: Record<string, (input: Input) => object> = {
    ListContainerInstances: () => ({ containerInstanceArns: this.hosts.map((one) => arnOf(one.instanceId)) }),
    DescribeContainerInstances: ({ containerInstances }) => ({
      containerInstances: this.hosts
        .filter((one) => (containerInstances as string[]).includes(arnOf(one.instanceId)))
        .map((one) => ({
          containerInstanceArn: arnOf(one.instanceId),
          ec2InstanceId: one.instanceId,
          ...{ agentConnected: one.agentConnected, status: one.status, runningTasksCount: one.runningTasks },
        })),
    }),
    DeregisterContainerInstance: ({ containerInstance, force }) => {
      const at = this.hosts.findIndex((one) => arnOf(one.instanceId) === containerInstance);
      if (at < 0 || force !== true) {
        throw named("InvalidParameterException");
      }
      this.hosts.splice(at, 1);
      return {};
    },
    DescribeAutoScalingGroups: () => ({
      AutoScalingGroups: this.groupIsThere
        ? [
            {
              DesiredCapacity: this.desired,
              Instances: this.hosts
                .filter((one) => one.lifecycle !== undefined)
                .map((one) => ({ InstanceId: one.instanceId, LifecycleState: one.lifecycle })),
            },
          ]
        : [],
    }),
    DescribeLifecycleHooks: () => ({
      LifecycleHooks: [
        { LifecycleHookName: "ecs-managed-draining", LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING" },
        { LifecycleHookName: "launch", LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING" },
      ],
    }),
    CompleteLifecycleAction: ({ InstanceId, LifecycleHookName }) => {
      const one = this.host(String(InstanceId));
      if (one.lifecycle !== "Terminating:Wait" || LifecycleHookName !== "ecs-managed-draining") {
        throw named("ValidationError");
      }
      one.lifecycle = undefined;
      return {};
    },
    TerminateInstanceInAutoScalingGroup: ({ InstanceId, ShouldDecrementDesiredCapacity }) => {
      if (ShouldDecrementDesiredCapacity !== false) {
        throw named("ValidationError");
      }
      this.host(String(InstanceId)).lifecycle = "Terminating:Wait";
      return {};
    },
    ListServices: () => ({ serviceArns: this.services.map((one) => one.serviceArn) }),
    DescribeServices: ({ services }) => ({
      services: this.services.filter(
        (one) =>
          (services as string[]).includes(one.serviceArn ?? "") ||
          (services as string[]).includes(one.serviceName ?? ""),
      ),
    }),
    UpdateService: ({ service, desiredCount }) => {
      const found = this.services.find((one) => one.serviceName === service);
      if (found === undefined) {
        throw named("ServiceNotFoundException");
      }
      return Object.assign(found, { desiredCount });
    },
    RegisterScalableTarget: ({ ResourceId, MinCapacity, MaxCapacity }) => {
      this.bounds.set(String(ResourceId), [Number(MinCapacity), Number(MaxCapacity)]);
      return {};
    },
    Publish: ({ Subject, Message }) => {
      this.messages.push({ subject: String(Subject), body: String(Message) });
      return {};
    },
    Query: (input) => this.table.query(input as TableRequest),
    UpdateItem: (input) => this.table.update(input as TableRequest),
  };
}
