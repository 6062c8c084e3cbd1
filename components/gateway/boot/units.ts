import { GatewayFlavour, SCRIPTS } from "./settings";

/** systemd unit files of a gateway, by path. User data runs once in an instance's life, these at every boot. */
export function units(flavour: GatewayFlavour): Record<string, string> {
  const steps = ["attach", "network", ...(flavour === "squid" ? ["proxy"] : []), "prove"];
  return {
    "/etc/systemd/system/nplusone-gateway.service": `\
[Unit]
Description=Forwards for the private subnets of the zone
Wants=network-online.target
After=network-online.target systemd-networkd.service
[Service]
Type=oneshot
RemainAfterExit=yes
RuntimeDirectory=nplusone
RuntimeDirectoryPreserve=yes
${steps.map((step) => `ExecStart=/bin/bash ${SCRIPTS}/${step}`).join("\n")}
[Install]
WantedBy=multi-user.target
`,
    "/etc/systemd/system/nplusone-watchdog.service": `\
[Unit]
Description=Proves that the gateway forwards
After=nplusone-gateway.service
[Service]
Type=oneshot
TimeoutStartSec=300
RuntimeDirectory=nplusone
RuntimeDirectoryPreserve=yes
ExecStart=/bin/bash ${SCRIPTS}/watchdog
`,
    "/etc/systemd/system/nplusone-watchdog.timer": `\
[Unit]
Description=Proves every ten seconds that the gateway forwards
[Timer]
OnBootSec=10s
OnUnitInactiveSec=10s
AccuracySec=1s
[Install]
WantedBy=timers.target
`,
    ...(flavour === "squid" ? { "/etc/systemd/system/squid.service.d/nplusone.conf": RESTART } : {}),
  };
}

const RESTART = `\
[Service]
Restart=always
RestartSec=1
`;
