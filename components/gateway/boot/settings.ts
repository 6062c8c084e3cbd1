/** How a gateway forwards: `nat` masquerades everything, `squid` lets only web traffic to allowed domains through. */
export type GatewayFlavour = "nat" | "squid";

/** What the scripts of one zone's gateway instance need to know. */
export interface BootScriptArgs {
  readonly flavour: GatewayFlavour;
  readonly region: string;
  /** The VPC's range: what may be forwarded. */
  readonly vpcCidrBlock: string;
  /** The zone's persistent network interface. */
  readonly networkInterfaceId: string;
  readonly autoScalingGroupName: string;
  readonly launchHookName: string;
  /** Dimensions of the metric `Forwarding`. */
  readonly gateway: string;
  readonly availabilityZone: string;
  /** Namespace of the metric `Forwarding`. */
  readonly metricNamespace: string;
  /** Domains that `squid` lets through, e.g. `.amazonaws.com` (a leading dot: with subdomains). */
  readonly allowedDomains: readonly string[];
  /** The image has the packages already, so that a boot asks no package mirror. */
  readonly imageIsBaked: boolean;
  /**
   * What proves that packets come back from outside: hosts of several operators that answer HTTPS, 2 at least, so that no
   * single one's outage looks like a gateway's. The first is asked first; the others only if it doesn't answer. Mostly
   * addresses, so that a failing resolver doesn't look like a failing gateway either.
   */
  readonly proofTargets: readonly string[];
}

/** Where the scripts live on the instance. */
export const SCRIPTS = "/opt/nplusone";

/** The probe's end of the cable between the instance and its network namespace `probe`: link-local, so in no VPC. */
export const PROBE_NETWORK = { host: "169.254.77.1", probe: "169.254.77.2", cidrBlock: "169.254.77.0/30" } as const;

/** The routing table of everything that is forwarded. */
export const ROUTING_TABLE = 200;

/** `common`, which the other scripts source: settings, instance metadata, AWS calls, and the question to the targets. */
export function common(args: BootScriptArgs): string {
  return `\
# Settings of this gateway, and what its scripts have in common.
export AWS_DEFAULT_REGION=${args.region} AWS_RETRY_MODE=standard AWS_MAX_ATTEMPTS=4
ENI_ID=${args.networkInterfaceId}
GROUP=${args.autoScalingGroupName}
HOOK=${args.launchHookName}
VPC_CIDR=${args.vpcCidrBlock}
FLAVOUR=${args.flavour}
FORWARDING="--namespace ${args.metricNamespace} --metric-name Forwarding --dimensions Gateway=${args.gateway},AvailabilityZone=${args.availabilityZone}"
TARGETS="${args.proofTargets.join(" ")}"
${FUNCTIONS}`;
}

const FUNCTIONS = `\
# IMDSv2 only: the token comes first.
imds() {
  curl -sf --retry 5 --retry-connrefused --max-time 5 "$@"
}
metadata() {
  local token
  token=$(imds -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" http://169.254.169.254/latest/api/token) || return
  imds -H "X-aws-ec2-metadata-token: $token" "http://169.254.169.254/latest/meta-data/$1"
}
# A call that hangs is a failed call. The CLI itself retries what AWS throttles.
call_aws() {
  timeout 60 aws "$@"
}
# Sets MAC and IFACE of the persistent interface, or fails while the instance doesn't have it.
find_interface() {
  local mac macs
  macs=$(metadata network/interfaces/macs/) || return
  for mac in $macs; do
    if [ "$(metadata "network/interfaces/macs/\${mac}interface-id")" = "$ENI_ID" ]; then
      MAC=\${mac%/}
      # Read to its end: ip writes line by line, and would fail the whole if nobody read its last ones.
      IFACE=$(ip -o link | awk -v mac="$MAC" '$0 ~ mac { sub("[:@].*", "", $2); print $2 }')
      [ -n "$IFACE" ]
      return
    fi
  done
  return 1
}
# Whether a target answers an HTTPS request sent by the given command, e.g. from another network namespace. Its
# certificate is checked: squid answers in the name of a server that it can't reach.
ask() {
  local target=$1 address
  shift
  address=$(timeout 3 getent ahostsv4 "$target" | awk 'NR == 1 { print $1 }')
  [ -n "$address" ] && "$@" curl -s --max-time 4 --resolve "$target:443:$address" -o /dev/null "https://$target/"
}
# Whether any target answers: the first one alone, then all others at once.
reach() {
  local target asked="" answered=1
  ask "\${TARGETS%% *}" "$@" && return
  for target in \${TARGETS#* }; do
    ask "$target" "$@" & asked+=" $!"
  done
  for target in $asked; do
    wait "$target" && answered=0
  done
  return $answered
}
# The forwarded path, as a packet of the VPC takes it: in by another interface, through forwarding, its rules (and
# squid), out by the persistent interface under its address, and back.
forwards() {
  reach ip netns exec probe
}
`;
