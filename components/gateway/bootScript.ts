import { USER_DATA_BYTES } from "../common/launchTemplate";
import { ATTACH } from "./boot/attach";
import { networkScript } from "./boot/networkScript";
import { BootScriptArgs, common, GatewayFlavour, SCRIPTS } from "./boot/settings";
import { squid } from "./boot/squid";
import { units } from "./boot/units";
import { PROVE, WATCHDOG } from "./boot/watchdog";

/**
 * Writes the user data of a gateway instance, which runs once in its life: it installs packages, scripts and systemd
 * units, starts the units, and completes the launch lifecycle action after they have proven that the instance forwards.
 * Whatever fails abandons it, and the group tries again.
 * @throws an `Error` if it is longer than EC2 takes, which only a list of domains can make it.
 */
export function bootScript(args: BootScriptArgs): string {
  const script = write(args);
  if (Buffer.byteLength(script) > USER_DATA_BYTES) {
    const length = Buffer.byteLength(args.allowedDomains.join("\n"));
    const most = USER_DATA_BYTES - (Buffer.byteLength(script) - length);
    throw new Error(
      `allowedDomains: the list has ${length} bytes, and at most ${most} fit into the 16 KiB of user data: ` +
        "allow domains with their subdomains (.example.com) instead of one by one",
    );
  }
  return script;
}

function write(args: BootScriptArgs): string {
  return `\
#!/bin/bash
set -euo pipefail
common=$(cat <<'NPLUSONE'
${common(args)}NPLUSONE
)
eval "$common"
${LIFECYCLE}
mkdir -p ${SCRIPTS} /etc/systemd/system/squid.service.d
tee ${SCRIPTS}/common <<< "$common" > /dev/null
${Object.entries(files(args)).map(written).join("")}
${args.imageIsBaked ? baked(args.flavour) : packages(args.flavour)}
systemctl daemon-reload
systemctl enable nplusone-gateway.service
systemctl start nplusone-gateway.service
systemctl enable nplusone-watchdog.timer
systemctl start nplusone-watchdog.timer
complete_launch CONTINUE
`;
}

const LIFECYCLE = `\
complete_launch() {
  local attempt
  for attempt in $(seq 5); do
    if call_aws autoscaling complete-lifecycle-action --auto-scaling-group-name "$GROUP" \\
      --lifecycle-hook-name "$HOOK" --instance-id "$(metadata instance-id)" --lifecycle-action-result "$1"; then
      return
    fi
    sleep 5
  done
  return 1
}
# Whatever goes wrong below: give up, so that the group replaces this instance.
trap 'complete_launch ABANDON' ERR`;

function files({ flavour, allowedDomains }: BootScriptArgs): Record<string, string> {
  return {
    [`${SCRIPTS}/attach`]: ATTACH,
    [`${SCRIPTS}/network`]: networkScript(flavour),
    ...(flavour === "squid" ? { [`${SCRIPTS}/proxy`]: squid(allowedDomains) } : {}),
    [`${SCRIPTS}/prove`]: PROVE,
    [`${SCRIPTS}/watchdog`]: WATCHDOG,
    ...units(flavour),
  };
}

function written([path, content]: [string, string]): string {
  return `tee ${path} > /dev/null <<'NPLUSONE'\n${content}NPLUSONE\n`;
}

/** A package mirror may be out for minutes: this tries for five, by the primary interface. */
function packages(flavour: GatewayFlavour): string {
  return `\
installed=no
for attempt in $(seq 20); do
  if dnf install -y nftables${flavour === "squid" ? " squid openssl" : ""}; then
    installed=yes
    break
  fi
  echo "attempt $attempt: packages could not be installed"
  sleep 15
done
[ "$installed" = yes ]`;
}

/** With a baked image nothing is installed; what is missing in it is said. */
function baked(flavour: GatewayFlavour): string {
  return `\
for program in nft${flavour === "squid" ? " squid openssl" : ""}; do
  command -v "$program" || { echo "the image lacks $program: see docs/gateway-image.md" && false; }
done`;
}
