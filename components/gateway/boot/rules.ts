import { GatewayFlavour, PROBE_NETWORK, ROUTING_TABLE } from "./settings";
import { PROXY_PORTS } from "./squid";

/**
 * The nftables rules of a gateway, a here-document of `network` in which `$IFACE` and `$VPC_CIDR` are known. The table
 * is replaced in one transaction.
 *
 * `forward`: what comes from the VPC (or the probe) may go out by the persistent interface, and answers may come back.
 * With `squid` nothing is forwarded but answers: HTTP and TLS on their own ports go to the proxy, and whatever else is
 * refused at once, so that a client that tried QUIC (UDP 443) falls back to TCP without waiting.
 *
 * `input`: nothing on the instance listens to the VPC. The proxy's ports take only what was redirected to them, since
 * a client that speaks to them directly could have it connect anywhere.
 */
export function forwardingRules(flavour: GatewayFlavour): string {
  return `\
table ip nplusone
delete table ip nplusone
table ip nplusone {
  set inside {
    type ipv4_addr
    flags interval
    elements = { $VPC_CIDR, ${PROBE_NETWORK.cidrBlock} }
  }
${flavour === "squid" ? REDIRECT : ""}  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    iifname "lo" accept
${flavour === "squid" ? REDIRECTED : ""}    udp sport 67 udp dport 68 accept
    icmp type echo-request accept
  }
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
${flavour === "squid" ? REFUSE : FORWARD}  }
  chain postrouting {
    type nat hook postrouting priority srcnat;
    oifname "$IFACE" ip saddr @inside masquerade
  }
}
`;
}

const FORWARD = `    oifname "$IFACE" ip saddr @inside accept\n`;

const REFUSE = `\
    meta mark set ${ROUTING_TABLE}
    ip saddr @inside meta l4proto tcp counter reject with tcp reset
    ip saddr @inside counter reject with icmp type admin-prohibited
`;

const REDIRECT = `\
  chain prerouting {
    type nat hook prerouting priority dstnat;
    ip saddr @inside ip daddr != @inside tcp dport 80 redirect to :${PROXY_PORTS.http}
    ip saddr @inside ip daddr != @inside tcp dport 443 redirect to :${PROXY_PORTS.tls}
  }
`;

const REDIRECTED = `\
    ip saddr @inside ct status dnat tcp dport { ${PROXY_PORTS.http}, ${PROXY_PORTS.tls} } accept
`;
