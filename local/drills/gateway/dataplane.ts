import { DescribeNetworkInterfacesCommand, DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { Lab } from "../../dataplane/lab";
import { machineLacks } from "../../dataplane/machine";
import { LabPlan, proofAddresses, WORLD } from "../../dataplane/plan";
import { Drill, DrillContext, Target } from "../drill";
import { GatewayWorld, Zone } from "./world";

/** A drill on a real data plane: the deployed user data boots an instance of the first zone in network namespaces. */
interface DataPlane {
  readonly lab: Lab;
  readonly plan: LabPlan;
  readonly flavour: "nat" | "squid";
}

/** A name that every flavour lets through, and whose address changes with every answer. */
function allowedName(allowedDomains: readonly string[]): string {
  const domain = allowedDomains[0] ?? ".example.org";
  return domain.startsWith(".") ? `www${domain}` : domain;
}

/** A name that no list of allowed domains has: `.invalid` is reserved. */
const BLOCKED = "www.blocked.invalid";

function dataPlaneDrill(
  name: string,
  description: string,
  play: (context: DrillContext, plane: DataPlane) => Promise<void>,
  stackLacks?: (target: Target) => string | undefined,
): Drill {
  return {
    name,
    system: "gateway",
    description,
    // It waits for packets, most of the time.
    aside: true,
    stackLacks,
    machineLacks,
    run: async (context) => {
      const world = await GatewayWorld.find(context.region, context.clients);
      const zone = world.zones[0] as Zone;
      // A fresh instance, which holds nothing yet.
      await world.terminate(zone);
      const { userData, ...launched } = await world.launched(zone);
      const plan = { ...(await planOf(context, zone)), ...launched };
      const lab = await Lab.open(plan, context.endpointUrl);
      try {
        context.begin(`${plan.instanceId} boots in network namespaces`);
        const { status, stderr } = await lab.runUserData(userData);
        const completed = lab.calls("CompleteLifecycleAction").map((c) => c.parameters.get("LifecycleActionResult"));
        const booted = status === 0 && completed.join() === "CONTINUE";
        context.expect(
          booted ? "the instance completes its launch" : `the instance completes its launch, not: ${stderr}`,
          booted,
        );
        await play(context, { lab, plan, flavour: context.config.gateway?.flavour ?? "nat" });
      } finally {
        await lab.close();
      }
    },
  };
}

type Launched = "instanceId" | "accessKeyId";

/** The zone's part of the VPC. */
async function planOf(context: DrillContext, zone: Zone): Promise<Omit<LabPlan, Launched>> {
  const ec2 = context.clients.make(EC2Client, context.region);
  const { NetworkInterfaces = [] } = await ec2.send(
    new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [zone.networkInterfaceId] }),
  );
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const [found] = NetworkInterfaces;
  const vpcSubnets = Subnets.filter((s) => s.VpcId === found?.VpcId && s.AvailabilityZone === zone.availabilityZone);
  const isPrivate = (s: (typeof Subnets)[number]) =>
    s.Tags?.some((t) => t.Key === "SubnetType" && t.Value === "Private") ?? false;
  return {
    vpcCidrBlock: context.config.network?.cidrBlock ?? "",
    publicCidrBlock: vpcSubnets.find((s) => s.SubnetId === found?.SubnetId)?.CidrBlock ?? "",
    privateCidrBlock: vpcSubnets.find(isPrivate)?.CidrBlock ?? "",
    networkInterfaceId: zone.networkInterfaceId,
    interfaceAddress: found?.PrivateIpAddress ?? "",
    proofTargets: proofAddresses(context.config.gateway?.proofTargets ?? []),
    names: {
      [allowedName(context.config.gateway?.allowedDomains ?? [])]: WORLD.rotating,
      [BLOCKED]: WORLD.blocked,
    },
  };
}

/** Expects the client's requests to come back, having left under the Elastic IP. Returns whether they did. */
async function expectForwarding(context: DrillContext, { lab }: DataPlane, when: string, count = 3): Promise<boolean> {
  const name = allowedName(context.config.gateway?.allowedDomains ?? []);
  const before = await lab.counters();
  const seen: (string | undefined)[] = [];
  for (let i = 0; i < count; i++) {
    seen.push(await lab.fetch(`https://${name}/`), await lab.fetch(`http://${name}/`));
  }
  const after = await lab.counters();
  const held = seen.every((address) => address === WORLD.elasticIp);
  const what = `${when}, what a client asks for comes back, and the servers saw the Elastic IP`;
  context.expect(held ? what : `${what}, not: ${seen.map((s) => s ?? "nothing").join(", ")}`, held);
  const [to, by] = [after.to_gateway - before.to_gateway, after.by_persistent - before.by_persistent];
  context.note(`${when}: ${to} packets from the client, ${by} on by the persistent interface`);
  const lost = after.not_masqueraded + after.source_check - before.not_masqueraded - before.source_check;
  context.expect(
    `${when}, the client's packets leave by the persistent interface, and none is lost`,
    by > 0 && lost === 0,
  );
  return held;
}

/** Expects what the instance has told AWS last about its zone. */
function expectMetric(context: DrillContext, { lab }: DataPlane, when: string, value: "0" | "1"): void {
  const last = lab.calls("PutMetricData").at(-1);
  const sent = last?.parameters.get("MetricData.member.1.Value");
  context.expect(`${when}, the zone's metric Forwarding is ${value}`, sent === value && last?.status === 200);
}

function expectHealthy(context: DrillContext, { lab }: DataPlane, when: string): void {
  context.expect(`${when}, the instance is not given up`, lab.calls("SetInstanceHealth").length === 0);
}

/** What a gateway can lose while its status checks pass, and the command that takes it away. */
function losses(flavour: "nat" | "squid"): [string, string][] {
  const rules: [string, string] = ["its rules", "nft flush ruleset"];
  if (flavour === "squid") {
    return [rules, ["its proxy", "kill -9 -- -$(cat /run/squid.group)"]];
  }
  return [
    rules,
    ["ip_forward", "sysctl -q -w net.ipv4.ip_forward=0"],
    ["its route", "ip route flush table 200"],
    ["its interface's configuration", "rm /etc/systemd/network/10-nplusone.network && networkctl reload"],
  ];
}

/** The drills of a gateway's data plane. */
export const dataPlaneDrills: readonly Drill[] = [
  dataPlaneDrill(
    "gateway-forwards",
    "A client's packets go through the deployed gateway in network namespaces, while the system's own tools reconfigure " +
      "its interface. The drill plays systemd, amazon-ec2-net-utils and EC2's fabric; the kernel, nftables, " +
      "systemd-networkd and squid are real.",
    async (context, plane) => {
      const { lab } = plane;
      await expectForwarding(context, plane, "after the boot");
      for (let i = 0; i < 3; i++) {
        await lab.refreshNetUtils();
      }
      await expectForwarding(context, plane, "after amazon-ec2-net-utils has refreshed the interface");
      await lab.restartNetworkd();
      await expectForwarding(context, plane, "after a restart of systemd-networkd");
      await lab.watch();
      expectMetric(context, plane, "while it forwards", "1");
      expectHealthy(context, plane, "while it forwards");
      const { by_primary: own } = await lab.counters();
      context.expect("the instance's own calls leave by its primary interface", own > 0);
      const open = await lab.fetch(`http://${plane.plan.interfaceAddress}:3130/`, "--max-time", "2");
      context.expect("nothing on the instance answers the VPC", open === undefined);
    },
  ),
  dataPlaneDrill(
    "gateway-rebooted",
    "The gateway's instance reboots: its interface, checks and group stay as they were, the kernel's state is gone. The " +
      "drill plays systemd, and starts what is enabled.",
    async (context, plane) => {
      await plane.lab.reboot();
      await expectForwarding(context, plane, "after the reboot");
      await plane.lab.watch();
      expectMetric(context, plane, "after the reboot", "1");
      expectHealthy(context, plane, "after the reboot");
      const attached = plane.lab.calls("AttachNetworkInterface").length;
      context.expect("the interface is attached once", attached === 1);
    },
  ),
  dataPlaneDrill(
    "gateway-forwarding-lost",
    "The gateway stops forwarding while its status checks pass: the watchdog mends what it can, gives the instance up " +
      "when it can't, and doesn't when the Internet is out. The drill plays the watchdog's timer.",
    async (context, plane) => {
      const { lab } = plane;
      const name = allowedName(context.config.gateway?.allowedDomains ?? []);
      for (const [what, command] of losses(plane.flavour)) {
        await lab.inInstance(["bash", "-c", command]);
        const through = await lab.fetch(`https://${name}/`, "--max-time", "1");
        context.expect(`without ${what}, nothing of a client's gets out`, through !== WORLD.elasticIp);
        const { stdout, stderr } = await lab.watch();
        if (!(await expectForwarding(context, plane, `a round of the watchdog after it lost ${what}`, 1))) {
          context.note(`the watchdog said: ${stdout}${stderr}`);
        }
      }
      expectHealthy(context, plane, "mended");
      const targets = Object.values(plane.plan.proofTargets);
      await lab.outage(targets.slice(0, -1));
      await lab.watch();
      expectMetric(context, plane, "with all targets but one out", "1");
      await lab.outage(targets);
      for (let round = 0; round < 3; round++) {
        await lab.watch();
      }
      expectMetric(context, plane, "with all targets out", "0");
      expectHealthy(context, plane, "with all targets out, for itself too");
      await lab.outageEnds();
      await lab.watch();
      expectMetric(context, plane, "when the outage is over", "1");
      await lab.outage([plane.plan.interfaceAddress]);
      for (let round = 0; round < 3; round++) {
        expectHealthy(context, plane, `after ${round} failure(s)`);
        await lab.watch();
      }
      expectMetric(context, plane, "when its interface leads nowhere", "0");
      const [given] = lab.calls("SetInstanceHealth");
      context.expect(
        "after three failures the instance is given up to its group",
        given?.status === 200 &&
          given.parameters.get("HealthStatus") === "Unhealthy" &&
          given.parameters.get("InstanceId") === plane.plan.instanceId,
      );
    },
  ),
  dataPlaneDrill(
    "gateway-filters",
    "A client tries to reach what the filter blocks: by name, by QUIC, on another port, and through the proxy's own ports. " +
      "Allowed names have addresses that rotate. The drill plays systemd; squid and nftables are real.",
    async (context, plane) => {
      const { lab } = plane;
      await expectForwarding(context, plane, "with rotating addresses", 8);
      const gateway = plane.plan.interfaceAddress;
      const [address] = WORLD.blocked;
      const attempts: [string, Promise<string | undefined>][] = [
        ["TLS", lab.fetch(`https://${BLOCKED}/`)],
        ["HTTP", lab.fetch(`http://${BLOCKED}/`, "-f")],
        ["TLS without a name", lab.fetch(`https://${address}/`)],
        ["TLS on port 8443", lab.fetch(`https://${BLOCKED}:8443/`)],
        ["CONNECT by the way of HTTP", lab.fetch(`https://${BLOCKED}/`, "-p", "-x", `http://${address}:80`)],
        ...[3128, 3129, 3130, 3131].map((port): [string, Promise<string | undefined>] => [
          `CONNECT to the gateway's port ${port}`,
          lab.fetch(`https://${address}/`, "-p", "-x", `http://${gateway}:${port}`, "--max-time", "2"),
        ]),
      ];
      for (const [how, came] of attempts) {
        context.expect(`${how} to a blocked host is refused`, (await came) === undefined);
      }
      await lab.onClient(["bash", "-c", `echo quic > /dev/udp/${address}/443`]);
      // The connection after it has been answered, so the datagram would have been too.
      await expectForwarding(context, plane, "after QUIC to a blocked host", 1);
      const reached = lab.asked.filter((a) => a.address === address || a.name === BLOCKED || a.protocol === "udp");
      context.expect("the blocked host has heard nothing", reached.length === 0);
    },
    ({ config }) => (config.gateway?.flavour === "squid" ? undefined : "gateway of the flavour squid"),
  ),
];
