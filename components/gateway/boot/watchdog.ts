/** `prove`: succeeds when a forwarded packet comes back. A fresh Elastic IP takes a few seconds. */
export const PROVE = `\
#!/bin/bash
# Proves the forwarded path, for a minute at most.
set -euo pipefail
. "\${0%/*}/common"
for attempt in $(seq 12); do
  if forwards; then
    exit 0
  fi
  echo "attempt $attempt: nothing comes back of what is forwarded"
  sleep 5
done
exit 1
`;

/** Failures in a row after which the zone's metric says 0, and the instance is given up if the fault is its own. */
const FAILURES = 3;

/**
 * `watchdog`: proves the forwarded path again, every ten seconds.
 *
 * What fails is mended first: the interface attached, its configuration, routes, rules and the proxy set up again. An
 * instance that fails three times in a row although it was mended says 0 in its zone's metric `Forwarding`, so that
 * the zone's routes move, and is marked unhealthy, so that its group replaces it: but only if the targets answer the
 * instance itself, by its primary interface. If they don't, what is broken is the Internet, the zone's way to it or a
 * route that was changed by hand. A new instance would be in the same case, and all gateways at once would be
 * replaced again and again, and be booting when the outage is over.
 */
export const WATCHDOG = `\
#!/bin/bash
# One round: prove, mend, give up.
set -uo pipefail
. "\${0%/*}/common"
remembered() {
  if [ -e "$RUNTIME_DIRECTORY/$1" ]; then cat "$RUNTIME_DIRECTORY/$1"; else echo "$2"; fi
}
remember() {
  echo "$2" | tee "$RUNTIME_DIRECTORY/$1" > /dev/null
}
# The zone's metric: once a minute, and at once when it changes.
report() {
  local now last at
  now=$(date +%s)
  read -r last at <<< "$(remembered reported "- 0")"
  if [ "$1" != "$last" ] || [ $((now - at)) -ge 55 ]; then
    call_aws cloudwatch put-metric-data $FORWARDING --value "$1" && remember reported "$1 $now"
  fi
}
passes() {
  forwards || return
  remember failed 0
  report 1
  exit 0
}
passes
failed=$(($(remembered failed 0) + 1))
remember failed "$failed"
echo "forwarding fails, $failed time(s) in a row: setting up the network again"
ATTEMPTS=1 bash "\${0%/*}/attach" && bash "\${0%/*}/network"
passes
own=no
if reach; then
  own=yes
  if [ "$FLAVOUR" = squid ]; then
    echo "starting the proxy again"
    bash "\${0%/*}/proxy"
    passes
  fi
fi
if [ "$failed" -lt ${FAILURES} ]; then
  exit 1
fi
# A predecessor that no longer has the interface has nothing to say about the zone.
if find_interface; then
  report 0
fi
if [ "$own" = no ]; then
  echo "no target answers this instance itself either: it is not what is broken"
  exit 1
fi
echo "this instance doesn't forward: giving it up"
call_aws autoscaling set-instance-health --instance-id "$(metadata instance-id)" --health-status Unhealthy
exit 1
`;
