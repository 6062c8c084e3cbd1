# One boot of the gateway's instance, in the network namespace `gateway`: a file system over this machine's, of which
# /run is new at every boot, the primary interface as EC2 and amazon-ec2-net-utils set it up, D-Bus and systemd-networkd,
# and then what is enabled. Ends when the laboratory does.
set -euo pipefail
for folder in etc var opt; do
  mkdir -p "/srv/disk/$folder" "/srv/disk/.$folder"
  mkdir -p "/$folder"
  mount -t overlay overlay -o "lowerdir=/$folder,upperdir=/srv/disk/$folder,workdir=/srv/disk/.$folder" "/$folder"
done
mount -t tmpfs tmpfs /run
# Read-only, so that networkd waits for no udev; `ip netns exec` has mounted it for this namespace.
mount -o remount,bind,ro /sys
rm -f /etc/resolv.conf
cp /srv/resolv.conf /etc/resolv.conf
mkdir -p /run/netns /run/dbus /run/systemd/network /run/systemd/netif/{links,leases,lldp} "$BOOT_DIR"
chown -R systemd-network /run/systemd/netif
# What this machine has configured and enabled is none of the instance's.
if [ ! -e /srv/disk/booted ]; then
  rm -rf /etc/systemd/network /etc/systemd/system /etc/squid
  mkdir -p /etc/systemd/network /etc/systemd/system /etc/squid
  : > /srv/disk/booted
fi
ip link set lo up
sysctl -q -w net.ipv4.ip_forward=0 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
cat > /run/systemd/network/70-ens5.network << CONF
[Match]
MACAddress=$PRIMARY_MAC
[Network]
LinkLocalAddressing=no
IPv6AcceptRA=no
Address=$PRIMARY/$PUBLIC_PREFIX
[Route]
Gateway=$ROUTER
Metric=512
CONF
dbus-daemon --system --fork
systemd-networkd 2> /run/networkd.log &
echo $! > /run/networkd.pid
for attempt in $(seq 100); do
  if [ -n "$(ip -4 route show default)" ]; then
    break
  fi
  sleep 0.1
done
[ -n "$(ip -4 route show default)" ]
for unit in /etc/systemd/system/multi-user.target.wants/{squid,nplusone-}* /etc/systemd/system/timers.target.wants/nplusone-*; do
  if [ -e "$unit" ]; then
    systemctl start "${unit##*/}" >> "$BOOT_DIR/boot.log" 2>&1 || echo "$unit failed" >> "$BOOT_DIR/boot.log"
  fi
done
echo booted
exec sleep infinity < /dev/null > /dev/null 2>&1
