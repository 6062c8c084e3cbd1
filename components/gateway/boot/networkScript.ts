import { GatewayFlavour, PROBE_NETWORK, ROUTING_TABLE } from "./settings";
import { forwardingRules } from "./rules";

/**
 * `network`: makes the instance a router. It runs at every boot and whenever forwarding fails, and changes nothing that
 * is as it should be.
 *
 * Amazon Linux configures a second interface itself: amazon-ec2-net-utils writes `/run/systemd/network/70-IF.network`
 * and refreshes it every minute or so, and systemd-networkd then drops what it didn't configure
 * (https://github.com/amazonlinux/amazon-ec2-net-utils/issues/167). So the interface's configuration is owned here: a
 * file that networkd reads instead, because the first match by name counts, and the policy routing and its refresh
 * masked. Everything that forwarding needs is *in* that file; nothing is added behind networkd's back, since version 252
 * sets no gateway with `ManageForeignRoutes=no` (https://github.com/systemd/systemd/issues/30403).
 *
 * What is forwarded leaves by the persistent interface, what the instance itself says by the primary one: it can still
 * call AWS, and its alarm be heard, when the persistent interface leads nowhere.
 */
export function networkScript(flavour: GatewayFlavour): string {
  return `\
#!/bin/bash
# Owns the persistent interface, routes and masquerades what is forwarded, and lays the cable to the probe.
set -euo pipefail
. "\${0%/*}/common"
find_interface
ADDRESS=$(metadata "network/interfaces/macs/$MAC/local-ipv4s" | awk 'NR == 1')
SUBNET=$(metadata "network/interfaces/macs/$MAC/subnet-ipv4-cidr-block")
# A subnet's router has the first address after the network's own.
ROUTER=$(echo "$SUBNET" | awk -F'[./]' '{ print $1 "." $2 "." $3 "." $4 + 1 }')
echo "$IFACE $ADDRESS" | tee "$RUNTIME_DIRECTORY/interface"

${OWN_INTERFACE}
${FORWARD}
tee /etc/nplusone.nft <<CONF
${forwardingRules(flavour)}CONF
nft -f /etc/nplusone.nft

${PROBE}`;
}

/** systemd.network(5) of version 252. The 9,001 bytes are what 80-ec2.network sets: clients send jumbo frames. */
const OWN_INTERFACE = `\
systemctl mask --now "refresh-policy-routes@$IFACE.timer" "refresh-policy-routes@$IFACE.service" "policy-routes@$IFACE.service" || true
tee /etc/systemd/network/10-nplusone.network <<CONF
[Match]
MACAddress=$MAC
[Link]
MTUBytes=9001
RequiredForOnline=no
[Network]
LinkLocalAddressing=no
IPv6AcceptRA=no
KeepConfiguration=static
[Address]
Address=$ADDRESS/\${SUBNET#*/}
AddPrefixRoute=no
[Route]
Gateway=$ROUTER
GatewayOnLink=yes
Table=${ROUTING_TABLE}
[RoutingPolicyRule]
Priority=100
To=${PROBE_NETWORK.cidrBlock}
Table=main
[RoutingPolicyRule]
Priority=101
IncomingInterface=lo
InvertRule=yes
Table=${ROUTING_TABLE}
[RoutingPolicyRule]
Priority=102
From=$ADDRESS
Table=${ROUTING_TABLE}
[RoutingPolicyRule]
Priority=103
FirewallMark=${ROUTING_TABLE}
Table=${ROUTING_TABLE}
CONF
networkctl reload
# networkd leaves alone what it believes to be there: it is made to look if it isn't. That takes a busy instance seconds,
# and begins anew when it is asked again. No \`grep -q\`: it leaves at the first match, and ip fails if it has more to write.
configured() {
  ip -4 -o addr show dev "$IFACE" | grep "$ADDRESS" > /dev/null &&
    ip route show table ${ROUTING_TABLE} 2> /dev/null | grep "default via $ROUTER dev $IFACE" > /dev/null &&
    [ "$(ip rule show | grep -c "^10[0-3]:")" = 4 ]
}
for attempt in $(seq 0 29); do
  if configured; then
    break
  fi
  if [ $((attempt % 10)) = 0 ]; then
    networkctl reconfigure "$IFACE" || true
  fi
  sleep 1
done
configured
`;

/**
 * Loose reverse path filtering: a client's packets come in by an interface that the main table doesn't lead back to.
 * Marks are reflected so that a refusal, which has the server's address, leaves by the persistent interface too: the
 * primary one checks what source address a packet has.
 */
const FORWARD = `\
tee /etc/sysctl.d/90-nplusone.conf <<CONF
net.ipv4.ip_forward=1
net.ipv4.conf.all.rp_filter=2
net.ipv4.fwmark_reflect=1
net.ipv4.conf.all.send_redirects=0
net.ipv4.conf.$IFACE.send_redirects=0
CONF
sysctl -q -p /etc/sysctl.d/90-nplusone.conf`;

/** A network namespace on a cable of its own: its packets are forwarded, as a private subnet's are. */
const PROBE = `\
if ! ip netns exec probe ip link show dev probe1 > /dev/null 2>&1; then
  ip netns del probe 2> /dev/null || true
  ip netns add probe
  ip link add probe0 type veth peer name probe1
  ip link set probe1 netns probe
fi
ip addr replace ${PROBE_NETWORK.host}/30 dev probe0
ip link set probe0 up
ip netns exec probe ip addr replace ${PROBE_NETWORK.probe}/30 dev probe1
ip netns exec probe ip link set probe1 up
ip netns exec probe ip route replace default via ${PROBE_NETWORK.host}
`;
