import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { HealthCheckConfig } from "@aws-sdk/client-route-53";
import { targetGroupsFor } from "../../../model/listenerRule";
import { Clients } from "../../endpoint/clients";
import { plain, Scene } from "./scene";

/** The own names of a Region whose checks are answered: the deployed listeners lead them to something that is healthy. */
export async function answeredIn(region: string, scene: Scene, clients: Clients): Promise<ReadonlySet<string>> {
  const balancing = clients.make(ElasticLoadBalancingV2Client, region);
  const { LoadBalancers = [] } = await balancing.send(new DescribeLoadBalancersCommand({}));
  const answered = new Set<string>();
  for (const { HealthCheckConfig: config } of scene.checks) {
    const name = config?.FullyQualifiedDomainName ?? "";
    const balancer = LoadBalancers.find(({ DNSName }) => plain(DNSName) === scene.leadsTo.get(name));
    if (config !== undefined && balancer !== undefined) {
      const groups = await groupsBehind(balancer.LoadBalancerArn, config, balancing);
      const healthy = await Promise.all(groups.map((group) => hasHealthy(group, balancing)));
      if (healthy.includes(true)) {
        answered.add(name);
      }
    }
  }
  return answered;
}

/** The target groups that the request of a check is led to. */
async function groupsBehind(
  LoadBalancerArn: string | undefined,
  { FullyQualifiedDomainName: host = "", Port, ResourcePath = "/" }: HealthCheckConfig,
  balancing: ElasticLoadBalancingV2Client,
): Promise<string[]> {
  const { Listeners = [] } = await balancing.send(new DescribeListenersCommand({ LoadBalancerArn }));
  const listener = Listeners.find((one) => one.Port === Port);
  if (listener === undefined) {
    return [];
  }
  const { Rules = [] } = await balancing.send(new DescribeRulesCommand({ ListenerArn: listener.ListenerArn }));
  return targetGroupsFor(Rules, { host, path: ResourcePath.split("?")[0] ?? "" });
}

async function hasHealthy(TargetGroupArn: string, balancing: ElasticLoadBalancingV2Client): Promise<boolean> {
  const { TargetHealthDescriptions = [] } = await balancing.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  return TargetHealthDescriptions.some(({ TargetHealth }) => TargetHealth?.State === "healthy");
}
