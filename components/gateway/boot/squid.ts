import { PROBE_NETWORK } from "./settings";

/** Ports on which squid takes what nftables redirects to it. */
export const PROXY_PORTS = { http: 3130, tls: 3131 } as const;

/**
 * `proxy`: configures squid and starts it. It runs after `network`, which knows the interface's address.
 *
 * A name is allowed by the Host header of HTTP on port 80 and by the server name in the TLS hello on port 443, which is
 * passed on undecrypted. squid itself would refuse (409) a connection whose name doesn't resolve to the address that
 * the client chose, and names with rotating addresses resolve differently for client and proxy. That check is made
 * when a TLS connection is spliced at the second step; peeking at the server's hello first, and splicing at the third,
 * leaves it out, and the client reaches the address that it asked for. For plain HTTP squid does the same by itself
 * (http://www.squid-cache.org/Doc/config/host_verify_strict/). So the filter keeps software to the names it admits
 * to; it is no wall against a program that lies about the name it wants.
 *
 * The key pair signs nothing: squid wants one to be able to read a hello.
 */
export function squid(allowedDomains: readonly string[]): string {
  return `\
#!/bin/bash
# Configures and starts the transparent proxy.
set -euo pipefail
. "\${0%/*}/common"
read -r _ ADDRESS < "$RUNTIME_DIRECTORY/interface"
PATH=$PATH:/usr/lib64/squid:/usr/lib/squid
if [ ! -e /etc/squid/peek.pem ]; then
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/CN=gateway" -keyout /etc/squid/peek.pem -out /etc/squid/peek.pem
fi
if [ ! -e /var/spool/squid/ssl_db ]; then
  security_file_certgen -c -s /var/spool/squid/ssl_db -M 4MB
  chown -R --reference=/var/spool/squid /var/spool/squid/ssl_db
fi
tee /etc/squid/allowed-domains <<'DOMAINS'
${allowedDomains.join("\n")}
DOMAINS
tee /etc/squid/squid.conf <<CONF
visible_hostname gateway
http_port 127.0.0.1:3129
http_port ${PROXY_PORTS.http} intercept name=http
https_port ${PROXY_PORTS.tls} intercept ssl-bump name=tls generate-host-certificates=on tls-cert=/etc/squid/peek.pem
sslcrtd_program $(command -v security_file_certgen) -s /var/spool/squid/ssl_db -M 4MB
sslcrtd_children 1
# The client checks the certificate, which it sees as the server sends it.
tls_outgoing_options flags=DONT_VERIFY_PEER
sslproxy_cert_error allow all
acl probe src ${PROBE_NETWORK.probe}
acl inside src $VPC_CIDR ${PROBE_NETWORK.probe}
acl on_http myportname http
acl on_tls myportname tls
acl allowed_http dstdomain "/etc/squid/allowed-domains"
acl allowed_tls ssl::server_name --client-requested "/etc/squid/allowed-domains"
acl client_hello at_step SslBump1
acl server_hello at_step SslBump2
ssl_bump peek client_hello
ssl_bump peek server_hello allowed_tls
ssl_bump peek server_hello probe
ssl_bump splice allowed_tls
ssl_bump splice probe
ssl_bump terminate all
# A redirected TLS connection is a CONNECT of squid's own; a client's is refused.
http_access deny !inside
http_access allow on_tls CONNECT
http_access deny CONNECT
http_access allow on_http allowed_http
http_access deny all
# What leaves for a client has the persistent interface's address.
tcp_outgoing_address $ADDRESS
cache deny all
pinger_enable off
shutdown_lifetime 1 second
CONF
systemctl enable squid
systemctl restart squid
`;
}
