/**
 * `attach`: attaches the zone's network interface, unless it is attached. The predecessor may hold it until it is gone,
 * so this retries for five minutes, and through whatever AWS answers. An attach call whose answer was lost shows in the
 * instance's metadata.
 */
export const ATTACH = `\
#!/bin/bash
# Attaches the persistent network interface. ATTEMPTS: how often to try, every 5 s.
set -euo pipefail
. "\${0%/*}/common"
if find_interface; then
  exit 0
fi
INSTANCE_ID=$(metadata instance-id)
attached=no
for attempt in $(seq "\${ATTEMPTS:-60}"); do
  if call_aws ec2 attach-network-interface --network-interface-id "$ENI_ID" --instance-id "$INSTANCE_ID" --device-index 1 ||
    find_interface; then
    attached=yes
    break
  fi
  echo "attempt $attempt: $ENI_ID could not be attached"
  if [ "$SECONDS" -gt 300 ]; then
    break
  fi
  sleep 5
done
[ "$attached" = yes ]
for attempt in $(seq 30); do
  if find_interface; then
    exit 0
  fi
  sleep 2
done
echo "$ENI_ID is attached, but the instance doesn't see it"
exit 1
`;
