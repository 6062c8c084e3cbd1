import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../common/paths";
import { AwsRelay, InstanceCall, Metadata } from "./aws";
import { SYSTEM_PATH } from "./machine";
import { Namespaces, Ran } from "./namespaces";
import { LabPlan, variables, WORLD } from "./plan";
import { Asked } from "./servers";

const HERE = join(ROOT, "local/dataplane");
const AWS_STAND_IN = join(ROOT, "local/drills/gateway/boot/bin/aws");

/** Packets that passed the VPC's fabric, by where. */
export interface Counters {
  /** From the client to the persistent interface. */
  readonly to_gateway: number;
  /** To the Internet, from the persistent interface and under its address. */
  readonly by_persistent: number;
  /** To the Internet, from the primary interface and under its address. */
  readonly by_primary: number;
  /** Dropped by the internet gateway: under an address that has no public one. */
  readonly not_masqueraded: number;
  /** Dropped by the primary interface's source/destination check. */
  readonly source_check: number;
}

/**
 * A zone's data plane in Linux network namespaces: a client in a private subnet, a gateway instance with two interfaces,
 * the VPC between them, and an Internet. Kernel, nftables, systemd-networkd and squid are this machine's own and real;
 * AWS calls of the instance cross the namespaces as packets and are answered by the rehearsal's endpoint.
 *
 * Everything lives in namespaces of its own and is gone with them: nothing of the machine's network is touched, and a
 * process that dies takes its laboratory along.
 */
export class Lab {
  /** What the Internet's servers were asked. */
  readonly asked: Asked[] = [];
  private instance: Namespaces | undefined;

  private constructor(
    private readonly plan: LabPlan,
    private readonly folder: string,
    private readonly world: Namespaces,
    private readonly metadata: Metadata,
    private readonly aws: AwsRelay,
  ) {}

  /** Sets up the VPC, the client and the Internet, and launches an instance that has not run its user data. */
  static async open(plan: LabPlan, endpointUrl: string): Promise<Lab> {
    const folder = await mkdtemp(join(tmpdir(), "nplusone-"));
    const command = ["unshare", "-m", "-n", "-p", "-f", "--kill-child", "--mount-proc", "bash", join(HERE, "world.sh")];
    const world = await Namespaces.start(command, variables(plan), "ready", "cat");
    const metadata = new Metadata(join(folder, "metadata"), plan);
    const aws: AwsRelay = new AwsRelay(join(folder, "aws"), endpointUrl, () => lab.attach());
    const lab: Lab = new Lab(plan, folder, world, metadata, aws);
    try {
      await lab.serve();
      await lab.plugPrimary();
      await lab.start();
      return lab;
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.instance?.end();
    await this.world.end();
    this.metadata.close();
    this.aws.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Runs user data, as cloud-init does in an instance's first boot. */
  async runUserData(script: string): Promise<Ran> {
    const file = join(this.folder, "user-data");
    await writeFile(file, script);
    return this.inInstance(["bash", file]);
  }

  /** The instance reboots: kernel state and /run are gone, its disk and its interfaces stay. */
  async reboot(): Promise<void> {
    await this.instance?.end();
    await this.shell(`
      for link in primary persistent; do ip link del $link 2> /dev/null || true; done
      ip netns del gateway`);
    await this.plugPrimary();
    if (this.metadata.attached) {
      await this.plugPersistent();
    }
    await this.start();
  }

  /** A round of the watchdog's timer, which is not started until the instance has started it. */
  async watch(): Promise<Ran> {
    return this.inInstance([
      "bash",
      "-c",
      "[ -e /run/nplusone-watchdog.started ] && systemctl start nplusone-watchdog.service",
    ]);
  }

  /** What amazon-ec2-net-utils does every minute or so: writes its configuration of the interface, and reloads. */
  async refreshNetUtils(): Promise<void> {
    await this.inInstance([
      "bash",
      "-c",
      `cat > /run/systemd/network/70-ens6.network <<CONF
[Match]
Name=ens6
[Network]
LinkLocalAddressing=no
IPv6AcceptRA=no
Description=refresh $RANDOM
Address=$PERSISTENT/$PUBLIC_PREFIX
[Route]
Gateway=$ROUTER
Table=10001
[RoutingPolicyRule]
From=$PERSISTENT
Priority=10001
Table=10001
CONF
networkctl reload`,
    ]);
  }

  /** systemd-networkd ends and starts again, as an update of systemd makes it. */
  async restartNetworkd(): Promise<void> {
    await this.inInstance([
      "bash",
      "-c",
      "kill $(cat /run/networkd.pid); sleep 1; setsid systemd-networkd > /dev/null 2>&1 & sleep 2",
    ]);
  }

  /** Runs a command on the gateway's instance. */
  inInstance(command: readonly string[]): Promise<Ran> {
    return this.instance?.run(command) ?? Promise.reject(new Error("the instance is not running"));
  }

  /** Asks for a page from the client, and returns what came: the address that the server saw, or nothing. */
  async fetch(url: string, ...options: readonly string[]): Promise<string | undefined> {
    const command = ["ip", "netns", "exec", "client", "curl", "-sk", "--max-time", "8", ...options, url];
    const { status, stdout } = await this.world.run(command);
    return status === 0 ? stdout.trim() : undefined;
  }

  /** Runs a command on the client. */
  onClient(command: readonly string[]): Promise<Ran> {
    return this.world.run(["ip", "netns", "exec", "client", ...command]);
  }

  /** Takes addresses of the Internet away, or all with 0.0.0.0/0. */
  async outage(addresses: readonly string[]): Promise<void> {
    await this.shell(`nft add element ip fabric dead { ${addresses.join(", ")} }`);
  }

  /** The outage is over. */
  async outageEnds(): Promise<void> {
    await this.shell("nft flush set ip fabric dead");
  }

  /** Packets counted since the laboratory was set up. */
  async counters(): Promise<Counters> {
    const listed = JSON.parse(await this.shell("nft -j list counters table ip fabric")) as {
      nftables: { counter?: { name: string; packets: number } }[];
    };
    const counts = listed.nftables.flatMap(({ counter }) => (counter ? [[counter.name, counter.packets]] : []));
    return Object.fromEntries(counts) as Counters;
  }

  /** The instance's AWS calls of an operation. */
  calls(action: string): InstanceCall[] {
    return this.aws.of(action);
  }

  /** AWS attaches the persistent interface, and the guest's tools configure it in their own way. */
  private async attach(): Promise<void> {
    if (!this.metadata.attached) {
      await this.plugPersistent();
      this.metadata.attached = true;
      await this.refreshNetUtils();
    }
  }

  private async serve(): Promise<void> {
    const typescript = join(ROOT, "local/bin/typescript.js");
    const server = [process.execPath, "-r", typescript, join(HERE, "servers.ts")];
    const { address, port } = WORLD.aws;
    const { RESOLVER = "" } = variables(this.plan);
    const targets = Object.entries(this.plan.proofTargets).map(([name, address]) => [name, [address]] as const);
    const names = JSON.stringify({ ...Object.fromEntries(targets), ...this.plan.names });
    await Promise.all([
      this.world.serve(
        ["ip", "netns", "exec", "internet", ...server, "internet", join(this.folder, "aws"), address, String(port)],
        (line) => this.asked.push(JSON.parse(line) as Asked),
      ),
      this.world.serve([...server, "vpc", join(this.folder, "metadata"), RESOLVER, names], () => undefined),
    ]);
  }

  private async start(): Promise<void> {
    const command = ["ip", "netns", "exec", "gateway", "unshare", "-m", "-p", "-f", "--kill-child", "--mount-proc"];
    const environment = {
      ...variables(this.plan),
      PATH: `${join(HERE, "bin")}:${SYSTEM_PATH}`,
      AWS_STAND_IN,
      AWS_ENDPOINT_URL: `http://${WORLD.aws.address}:${WORLD.aws.port}`,
      BOOT_ACCESS_KEY_ID: this.plan.accessKeyId,
      BOOT_DIR: "/run/boot",
      CURL_CA_BUNDLE: "/srv/authority.pem",
    };
    const script = [...command, "bash", join(HERE, "instance.sh")];
    this.instance = await Namespaces.start(script, environment, "booted", "sleep", this.world);
  }

  private plugPrimary(): Promise<string> {
    return this.shell(`
      ip netns add gateway
      ip link add primary type veth peer name ens5 address $PRIMARY_MAC netns gateway
      ip link set primary up
      ip route replace "$PRIMARY/32" dev primary`);
  }

  private plugPersistent(): Promise<string> {
    return this.shell(`
      ip link add persistent type veth peer name ens6 address $PERSISTENT_MAC netns gateway
      ip link set persistent up
      ip route replace "$PERSISTENT/32" dev persistent
      ip route replace default via $PERSISTENT dev persistent onlink table 100`);
  }

  private async shell(script: string): Promise<string> {
    const { status, stdout, stderr } = await this.world.run(["bash", "-euc", script]);
    if (status !== 0) {
      throw new Error(`the data plane could not be changed: ${stderr.trim()}`);
    }
    return stdout;
  }
}
