import { DescribeServicesCommand, ECSClient, paginateListServices, Service } from "@aws-sdk/client-ecs";
import { announce, Announcement, readTold } from "../common/announce";
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

/** The states of a service's tasks. */
const COMPLETE = "complete";
const MISSING = "missing";
/** Those of a deployment. */
const NOT_FAILED = "not failed";
const FAILED = "failed";

/**
 * Tells people, once each, of deployments that have failed and of services for which ECS can't place or start tasks, and
 * when those have all their tasks again. It is run by ECS's events and every five minutes: events are delivered on a
 * best-effort basis, and what one says of missing tasks has to be so still.
 * @throws what the first failing call throws; running it again is safe.
 */
export async function tellDeployments(
  event: unknown,
  settings: DeploymentsSettings,
  clients: DeploymentsClients,
): Promise<string[]> {
  const reported = reportOf(event);
  const [services, told] = await Promise.all([
    describeServices(settings.clusterArn, clients.ecs),
    readTold(settings, clients),
  ]);
  const announcements = services.flatMap((service) => {
    const own = reported?.serviceArn === service.serviceArn ? reported : undefined;
    const isKnown = told.get(tasksSubject(service))?.state === MISSING;
    return [...deploymentsOf(service, own, settings), ...tasksOf(service, own, isKnown, settings)];
  });
  return announce(announcements, settings, clients, clients.now());
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

/** ECS lists a failed deployment as long as tasks of it are left; its event names it also later. */
function deploymentsOf(
  service: Service,
  reported: Reported | undefined,
  settings: DeploymentsSettings,
): Announcement[] {
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
