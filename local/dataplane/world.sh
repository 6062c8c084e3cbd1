# The laboratory's first namespace: the VPC's router, the internet gateway and the fabric between them. Runs as root in
# mount, network and process namespaces of its own; nothing of this machine is written to. Ends with its standard input.
set -euo pipefail
mount -t tmpfs tmpfs /srv
mkdir -p /srv/run
# Names are answered by the VPC's resolver, wherever /etc/resolv.conf leads to.
echo "nameserver $RESOLVER" > /srv/resolv.conf
resolv=$(readlink -f /etc/resolv.conf)
mount -t tmpfs tmpfs /run
if [ ! -e "$resolv" ]; then
  mkdir -p "$(dirname "$resolv")"
  : > "$resolv"
fi
mount --bind /srv/resolv.conf "$resolv"

ip link set lo up
sysctl -q -w net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
ip addr add 169.254.169.254/32 dev lo
ip addr add "$RESOLVER/32" dev lo

# The Internet: every address of the world is here.
ip netns add internet
ip link add igw type veth peer name eth0 netns internet
ip link set igw up
ip -n internet link set lo up
ip -n internet link set eth0 up
ip -n internet addr add 198.51.100.2/32 dev eth0
for address in $WORLD; do ip -n internet addr add "$address/32" dev lo; done
ip -n internet route add 203.0.113.0/24 dev eth0
ip addr add "$ELASTIC_IP/32" dev igw
ip addr add "$PRIMARY_IP/32" dev igw
ip route add 198.51.100.2 dev igw
ip route add default via 198.51.100.2 dev igw onlink

# A client in the private subnet, whose default route leads to the persistent interface.
ip netns add client
ip link add client type veth peer name eth0 netns client
ip link set client up
ip -n client link set lo up
ip -n client link set eth0 up
ip -n client addr add "$CLIENT/32" dev eth0
ip addr add "$ROUTER/32" dev lo
ip -n client route add default via "$ROUTER" dev eth0 onlink
ip route add "$CLIENT/32" dev client
ip route add unreachable default metric 9999 table 100
ip rule add priority 50 iif client lookup main suppress_prefixlength 0
ip rule add priority 51 iif client lookup 100

# What the fabric does to packets, counted. The primary interface checks source and destination; the internet gateway
# knows the two addresses that have public ones, and drops the rest. `dead` is what an outage takes away.
nft -f - << NFT
table ip fabric {
  counter by_persistent { }
  counter by_primary { }
  counter not_masqueraded { }
  counter source_check { }
  counter to_gateway { }
  set dead {
    type ipv4_addr
    flags interval
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname "client" oifname "persistent" counter name to_gateway
    iifname "primary" ip saddr != $PRIMARY counter name source_check drop
    oifname "primary" ip daddr != $PRIMARY counter name source_check drop
    oifname "igw" ip saddr != { $PRIMARY, $PERSISTENT } counter name not_masqueraded drop
    meta l4proto tcp ip daddr @dead reject with tcp reset
    meta l4proto tcp ip saddr @dead reject with tcp reset
    iifname "persistent" oifname "igw" counter name by_persistent
    iifname "primary" oifname "igw" counter name by_primary
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "igw" ip saddr $PERSISTENT snat to $ELASTIC_IP
    oifname "igw" ip saddr $PRIMARY snat to $PRIMARY_IP
  }
}
NFT

# An authority that the instance trusts, and a certificate for what proves its forwarding. Clients don't check theirs.
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=authority" -keyout /srv/authority.key -out /srv/authority.pem 2> /dev/null
openssl req -newkey rsa:2048 -nodes -subj "/CN=world" -keyout /srv/key.pem -out /srv/request.pem 2> /dev/null
openssl x509 -req -days 2 -in /srv/request.pem -CA /srv/authority.pem -CAkey /srv/authority.key -CAcreateserial \
  -extfile <(echo "subjectAltName=$CERTIFIED") -out /srv/cert.pem 2> /dev/null
echo ready
exec cat > /dev/null
