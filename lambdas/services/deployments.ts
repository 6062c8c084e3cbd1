import {
  Deployment,
  DescribeServicesCommand,
  ECSClient,
  paginateListServices,
  Service,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { announce, Announcement, readTold } from "../common/announce";
import { throwFirstError } from "../common/settled";
import { DeploymentsClients } from "./clients";
import { DeploymentsSettings } from "./settings";

/** How many services ECS describes at once. */
const PAGE = 10;

/** What an event of ECS says of a service. */
interface Reported {
  readonly serviceArn: string;
  readonly kind: "deployment" | "tasks";
  /** Id of the deployment that has failed. */
  readonly deploymentId: string | undefined;
  readonly reason: string;
}

/**
 * Seconds after which a deployment that has failed, and had none before it to go back to, is begun again. ECS gives such
 * a one up for good, though its image may only have been late: a standby's comes when its primary has pushed it.
 */
const AGAIN_SECONDS = 900;

/** The states of a service's tasks. */
const COMPLETE = "complete";
const MISSING = "missing";
/** Those of a deployment. */
const NOT_FAILED = "not failed";
const FAILED = "failed";
/** Those of a service that has no deployment to go back to. */
const BEGUN = "begun";
const NOT_BEGUN = "not begun";

/** What became of a look at deployments. */
export interface DeploymentsResult {
  /** Services whose deployment was begun again. */
  readonly again: readonly string[];
  /** Subjects that people were told of. */
  readonly told: readonly string[];
}

/**
 * Tells people, once each, of deployments that have failed and of services for which ECS can't place or start tasks, and
 * when those have all their tasks again. One that has nothing to go back to is begun again every quarter of an hour. It is
 * run by ECS's events and every five minutes: events are delivered on a best-effort basis, and what one says of missing
 * tasks has to be so still.
 * @throws the first error met; people are told all the same, and running it again is safe.
 */
export async function careForDeployments(
  event: unknown,
  settings: DeploymentsSettings,
  clients: DeploymentsClients,
): Promise<DeploymentsResult> {
  const now = clients.now();
  const reported = reportOf(event);
  const [services, told] = await Promise.all([
    describeServices(settings.clusterArn, clients.ecs),
    readTold(settings, clients),
  ]);
  const due = services.filter((service) => isDueAgain(service, now));
  const outcomes = await Promise.allSettled(
    due.map((service) => beginAgain(service, settings.clusterArn, clients.ecs)),
  );
  const announcements = services.flatMap((service) => {
    const own = reported?.serviceArn === service.serviceArn ? reported : undefined;
    const last = (subject: string) => told.get(subject)?.state;
    return [
      ...deploymentsOf(service, own, last(beginningSubject(service)) === NOT_BEGUN, settings),
      ...tasksOf(service, own, last(tasksSubject(service)) === MISSING, settings),
    ];
  });
  const subjects = await announce(announcements, settings, clients, now);
  throwFirstError(outcomes);
  return { again: due.map(({ serviceName = "" }) => serviceName), told: subjects };
}

/** The deployment that is in force, if it has failed and there is none that had succeeded before it. */
function failedForGood({ deployments = [] }: Service): Deployment | undefined {
  const hasBefore = deployments.some(({ rolloutState }) => rolloutState === "COMPLETED");
  return deployments.find(
    ({ status, rolloutState }) => status === "PRIMARY" && rolloutState === "FAILED" && !hasBefore,
  );
}

function isDueAgain(service: Service, now: Date): boolean {
  const { updatedAt } = failedForGood(service) ?? {};
  return updatedAt !== undefined && now.getTime() - updatedAt.getTime() >= 1000 * AGAIN_SECONDS;
}

async function beginAgain({ serviceName }: Service, cluster: string, ecs: ECSClient): Promise<void> {
  await ecs.send(new UpdateServiceCommand({ cluster, service: serviceName, forceNewDeployment: true }));
}

/** What of an event can be gone by; nothing of a schedule, or of one that is not as ECS documents it. */
function reportOf(event: unknown): Reported | undefined {
  const { resources, detail, "detail-type": type } = (event ?? {}) as Record<string, unknown>;
  const { deploymentId, eventName, reason } = (detail ?? {}) as Record<string, unknown>;
  const [serviceArn] = Array.isArray(resources) ? (resources as unknown[]) : [];
  if (typeof serviceArn !== "string") {
    return undefined;
  }
  const isDeployment = type === "ECS Deployment State Change";
  return {
    serviceArn,
    kind: isDeployment ? "deployment" : "tasks",
    deploymentId: typeof deploymentId === "string" ? deploymentId : undefined,
    reason: [eventName, reason].filter((part) => typeof part === "string").join(": "),
  };
}

async function describeServices(cluster: string, ecs: ECSClient): Promise<Service[]> {
  const services: Service[] = [];
  for await (const { serviceArns = [] } of paginateListServices({ client: ecs, pageSize: PAGE }, { cluster })) {
    if (serviceArns.length > 0) {
      const answer = await ecs.send(new DescribeServicesCommand({ cluster, services: serviceArns }));
      services.push(...(answer.services ?? []));
    }
  }
  return services;
}

const beginningSubject = ({ serviceName = "" }: Service): string => `beginning/${serviceName}`;

/** What there is to say of a service's deployments. Those of one that can't begin are no news each. */
function deploymentsOf(
  service: Service,
  reported: Reported | undefined,
  isKnown: boolean,
  settings: DeploymentsSettings,
): Announcement[] {
  const forGood = failedForGood(service);
  const hasBegun = service.deployments?.some((one) => one.status === "PRIMARY" && one.rolloutState === "COMPLETED");
  if (forGood !== undefined || (isKnown && !hasBegun)) {
    return [beginning(service, NOT_BEGUN, forGood?.rolloutStateReason, settings)];
  }
  return [...failures(service, reported, settings), beginning(service, BEGUN, undefined, settings)];
}

function beginning(
  service: Service,
  state: string,
  reason: string | undefined,
  { cluster }: DeploymentsSettings,
): Announcement {
  const { serviceName = "" } = service;
  return {
    subject: beginningSubject(service),
    state,
    initialState: BEGUN,
    message: () =>
      state === BEGUN
        ? {
            subject: `${cluster}: ${serviceName} runs`,
            body: "A deployment of it has succeeded. Nothing has to be done.",
          }
        : {
            subject: `${cluster}: ${serviceName} doesn't start`,
            body:
              "Its deployment has failed, and there is none before it to go back to. It is begun again every " +
              `${AGAIN_SECONDS / 60} minutes, in case its image comes late: see docs/runbooks/services.md.\n\n` +
              `ECS says: ${reason ?? ""}`,
          },
  };
}

/** ECS lists a failed deployment as long as tasks of it are left; its event names it also later. */
function failures(service: Service, reported: Reported | undefined, settings: DeploymentsSettings): Announcement[] {
  const failed = new Map<string, string>();
  for (const { id, rolloutState, rolloutStateReason } of service.deployments ?? []) {
    if (rolloutState === "FAILED") {
      failed.set(id ?? "", rolloutStateReason ?? "");
    }
  }
  if (reported?.kind === "deployment" && reported.deploymentId !== undefined) {
    failed.set(reported.deploymentId, reported.reason);
  }
  return [...failed].map(([id, reason]) => ({
    subject: `deployment/${id}`,
    state: FAILED,
    initialState: NOT_FAILED,
    message: () => ({
      subject: `${settings.cluster}: a deployment of ${service.serviceName ?? ""} has failed, and is taken back`,
      body: [
        `Deployment ${id} of ${service.serviceName ?? ""} has failed. ECS goes back to the version before: tasks of that ` +
          "have run all the time. Mend it and deploy again: see docs/runbooks/services.md.",
        reason && `ECS says: ${reason}`,
      ]
        .filter(Boolean)
        .join("\n\n"),
    }),
  }));
}

const tasksSubject = ({ serviceName = "" }: Service): string => `tasks/${serviceName}`;

/** Tasks are missing if ECS has said so and fewer run than there should. */
function tasksOf(
  service: Service,
  reported: Reported | undefined,
  isKnown: boolean,
  { cluster }: DeploymentsSettings,
): Announcement[] {
  const { desiredCount = 0, runningCount = 0, serviceName = "" } = service;
  const isMissing = runningCount < desiredCount && (isKnown || reported?.kind === "tasks");
  const counted = `${runningCount} of ${desiredCount} tasks run.`;
  return [
    {
      subject: tasksSubject(service),
      state: isMissing ? MISSING : COMPLETE,
      initialState: COMPLETE,
      message: () =>
        isMissing
          ? {
              subject: `${cluster}: ECS can't start tasks of ${serviceName}`,
              body: `${counted} ECS says: ${reported?.reason ?? ""}\n\nSee docs/runbooks/services.md.`,
            }
          : {
              subject: `${cluster}: ${serviceName} has all its tasks again`,
              body: `${counted} Nothing has to be done.`,
            },
    },
  ];
}
