import { PolicyResource } from "@pulumi/policy";
import { Graph } from "../core/graph";
import { known, knownItems } from "../core/unknown";

const BALANCERS = ["aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer"];
const LISTENERS = ["aws:lb/listener:Listener", "aws:alb/listener:Listener"];
const LISTENER_RULES = ["aws:lb/listenerRule:ListenerRule", "aws:alb/listenerRule:ListenerRule"];
const TARGET_GROUPS = ["aws:lb/targetGroup:TargetGroup", "aws:alb/targetGroup:TargetGroup"];

/** A stack's load balancers by their names in DNS: looked up once for all records. */
export class Balancers {
  private readonly byName: ReadonlyMap<string, PolicyResource>;

  constructor(private readonly graph: Graph) {
    this.byName = new Map(
      graph.ofType(...BALANCERS).flatMap((balancer) => {
        const name = known(() => balancer.props["dnsName"] as string | undefined);
        return name === undefined ? [] : [[name.toLowerCase(), balancer] as const];
      }),
    );
  }

  /** The load balancer of this stack that an alias record leads to. */
  behind(record: PolicyResource): PolicyResource | undefined {
    const [made] = this.graph.dependencies(record, "aliases", ...BALANCERS);
    const [alias] = knownItems(() => record.props["aliases"] as { name?: string }[] | undefined);
    // The console writes it with a prefix that Route 53 ignores.
    const name = known(() => alias?.name)
      ?.replace(/^dualstack\./, "")
      .replace(/\.$/, "")
      .toLowerCase();
    return made ?? (name === undefined ? undefined : this.byName.get(name));
  }

  /** The target groups that a balancer's listeners and their rules forward to. */
  targetGroups(balancer: PolicyResource): PolicyResource[] {
    const { graph } = this;
    const listeners = LISTENERS.flatMap((type) => graph.referrers(balancer, type, "loadBalancerArn"));
    const rules = listeners.flatMap((one) => LISTENER_RULES.flatMap((t) => graph.referrers(one, t, "listenerArn")));
    return [
      ...new Set([
        ...listeners.flatMap((one) => graph.referred(one, "defaultActions", ...TARGET_GROUPS)),
        ...rules.flatMap((one) => graph.referred(one, "actions", ...TARGET_GROUPS)),
      ]),
    ];
  }
}
