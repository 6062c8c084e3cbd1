/** How a gateway forwards: `nat` masquerades everything, `squid` also filters web traffic by domain. */
export type GatewayFlavour = "nat" | "squid";

/** What the boot script of one zone's gateway needs to know. */
export interface BootScriptArgs {
  readonly flavour: GatewayFlavour;
  readonly region: string;
  /** The VPC's range: what may be forwarded. */
  readonly vpcCidrBlock: string;
  /** The zone's persistent network interface. */
  readonly networkInterfaceId: string;
  readonly autoScalingGroupName: string;
  readonly launchHookName: string;
  /** Domains that `squid` lets through, e.g. `.amazonaws.com` (a leading dot: with subdomains). */
  readonly allowedDomains: readonly string[];
}

/**
 * Writes the boot script of a gateway instance. It attaches the zone's network interface (retrying for as long as the
 * predecessor may hold it), sends the instance's own traffic through it, starts forwarding, proves that packets come
 * back, and only then completes the launch lifecycle action. Whatever fails abandons it, and the group tries again.
 */
export function bootScript(args: BootScriptArgs): string {
  return [
    "#!/bin/bash",
    "set -euo pipefail",
    variables(args),
    METADATA,
    LIFECYCLE,
    ATTACH,
    DEFAULT_ROUTE,
    args.flavour === "squid" ? squid(args.allowedDomains) : "",
    forwarding(args.flavour),
    PROOF,
    "complete_launch CONTINUE",
  ]
    .filter((part) => part !== "")
    .join("\n\n")
    .concat("\n");
}

function variables(args: BootScriptArgs): string {
  return [
    `export AWS_DEFAULT_REGION=${args.region}`,
    `ENI_ID=${args.networkInterfaceId}`,
    `GROUP=${args.autoScalingGroupName}`,
    `HOOK=${args.launchHookName}`,
    `VPC_CIDR=${args.vpcCidrBlock}`,
  ].join("\n");
}

const METADATA = `\
# IMDSv2 only: the token comes first.
metadata() {
  curl -sf --retry 5 -H "X-aws-ec2-metadata-token: $TOKEN" "http://169.254.169.254/latest/meta-data/$1"
}
TOKEN=$(curl -sf --retry 5 -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 600" http://169.254.169.254/latest/api/token)
INSTANCE_ID=$(metadata instance-id)`;

const LIFECYCLE = `\
complete_launch() {
  aws autoscaling complete-lifecycle-action --auto-scaling-group-name "$GROUP" \\
    --lifecycle-hook-name "$HOOK" --instance-id "$INSTANCE_ID" --lifecycle-action-result "$1"
}
# Whatever goes wrong below: give up, so that the group replaces this instance.
trap 'complete_launch ABANDON' ERR`;

const ATTACH = `\
# The predecessor holds the network interface until it is gone: retry for five minutes.
attached=no
for attempt in $(seq 60); do
  if aws ec2 attach-network-interface --network-interface-id "$ENI_ID" --instance-id "$INSTANCE_ID" --device-index 1; then
    attached=yes
    break
  fi
  echo "attempt $attempt: $ENI_ID could not be attached"
  sleep 5
done
[ "$attached" = yes ]`;

const DEFAULT_ROUTE = `\
# The interface with device index 1 is the persistent one; its Elastic IP is what the world sees.
MAC=
for attempt in $(seq 30); do
  for mac in $(metadata network/interfaces/macs/); do
    if [ "$(metadata "network/interfaces/macs/\${mac}interface-id")" = "$ENI_ID" ]; then
      MAC=\${mac%/}
    fi
  done
  [ -n "$MAC" ] && break
  sleep 2
done
[ -n "$MAC" ]
IFACE=$(ip -o link | awk -v mac="$MAC" '$0 ~ mac { sub(":", "", $2); print $2; exit }')
SUBNET=$(metadata "network/interfaces/macs/$MAC/subnet-ipv4-cidr-block")
# A subnet's router has the first address after the network's own.
ROUTER=$(echo "$SUBNET" | awk -F'[./]' '{ print $1 "." $2 "." $3 "." $4 + 1 }')
for attempt in $(seq 30); do
  ip -4 -o addr show dev "$IFACE" | grep -q inet && break
  sleep 2
done
ip route replace default via "$ROUTER" dev "$IFACE" metric 50`;

function squid(allowedDomains: readonly string[]): string {
  return `\
# Transparent proxy: plain HTTP by Host header, TLS by server name without decrypting it.
dnf install -y squid openssl
openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/CN=gateway" -keyout /etc/squid/peek.key -out /etc/squid/peek.crt
PATH=$PATH:/usr/lib64/squid security_file_certgen -c -s /var/spool/squid/ssl_db -M 4MB
tee /etc/squid/allowed-domains <<'DOMAINS'
${allowedDomains.join("\n")}
DOMAINS
tee /etc/squid/squid.conf <<CONF
visible_hostname gateway
http_port 3129
http_port 3130 intercept
https_port 3131 intercept ssl-bump cert=/etc/squid/peek.crt key=/etc/squid/peek.key
acl vpc src $VPC_CIDR
acl allowed_http dstdomain "/etc/squid/allowed-domains"
acl allowed_tls ssl::server_name "/etc/squid/allowed-domains"
acl tls_port port 443
acl hello at_step SslBump1
ssl_bump peek hello
ssl_bump splice allowed_tls
ssl_bump terminate all
http_access allow vpc allowed_http
http_access allow vpc tls_port
http_access deny all
CONF
systemctl enable --now squid`;
}

function forwarding(flavour: GatewayFlavour): string {
  const redirect =
    flavour === "squid"
      ? `
  chain prerouting {
    type nat hook prerouting priority dstnat;
    ip saddr $VPC_CIDR ip daddr != $VPC_CIDR tcp dport 80 redirect to :3130
    ip saddr $VPC_CIDR ip daddr != $VPC_CIDR tcp dport 443 redirect to :3131
  }`
      : "";
  return `\
# Forward what comes from the VPC, and nothing else, under the address of the persistent interface.
dnf install -y nftables
sysctl -w net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=2 net.ipv4.conf.all.send_redirects=0
tee /etc/nftables/gateway.nft <<CONF
table ip gateway {
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    ip saddr $VPC_CIDR accept
  }${redirect}
  chain postrouting {
    type nat hook postrouting priority srcnat;
    oifname "$IFACE" ip saddr $VPC_CIDR masquerade
  }
}
CONF
nft -f /etc/nftables/gateway.nft`;
}

const PROOF = `\
# Forwarding is on, its rules are loaded, and an answer comes back through the persistent interface.
[ "$(sysctl -n net.ipv4.ip_forward)" = 1 ]
nft list chain ip gateway postrouting | grep -q masquerade
curl -sf --retry 5 --retry-all-errors --max-time 5 --interface "$IFACE" -o /dev/null https://checkip.amazonaws.com`;
