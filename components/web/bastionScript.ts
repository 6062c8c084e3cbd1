import { BootFile, userData } from "./userData";

/** Arguments of `bastionScript`. */
export interface BastionScriptArgs {
  readonly region: string;
  /** The Elastic IP, `eipalloc-…`. */
  readonly allocationId: string;
}

/**
 * Writes the user data of a bastion: an SSH server that admits keys only and does nothing but lead on, and a service that
 * gives the instance the bastion's address at every boot, as often as it takes.
 */
export function bastionScript(args: BastionScriptArgs): string {
  return userData(
    files(args),
    `\
sshd -t
systemctl daemon-reload
systemctl restart sshd
systemctl enable nplusone-address.service
systemctl start --no-block nplusone-address.service
`,
  );
}

function files({ allocationId, region }: BastionScriptArgs): BootFile[] {
  return [
    // Before those that the image has: sshd keeps the first value that it reads.
    { path: "/etc/ssh/sshd_config.d/00-nplusone.conf", content: SSHD, mode: "0644" },
    { path: "/opt/nplusone/address", content: addressProgram(allocationId, region), mode: "0755" },
    { path: "/etc/systemd/system/nplusone-address.service", content: ADDRESS_UNIT, mode: "0644" },
  ];
}

const SSHD = `\
PermitRootLogin no
PasswordAuthentication no
KbdInteractiveAuthentication no
AuthenticationMethods publickey
AllowUsers ec2-user
AllowAgentForwarding no
AllowTcpForwarding local
X11Forwarding no
PermitTunnel no
GatewayPorts no
MaxAuthTries 3
LoginGraceTime 30
ClientAliveInterval 300
ClientAliveCountMax 2
LogLevel VERBOSE
`;

function addressProgram(allocationId: string, region: string): string {
  return `\
#!/bin/bash
set -euo pipefail
token=$(curl -sf -m 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token)
instance=$(curl -sf -m 5 -H "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/meta-data/instance-id)
aws ec2 associate-address --region ${region} --allocation-id ${allocationId} --instance-id "$instance" --allow-reassociation
`;
}

const ADDRESS_UNIT = `\
[Unit]
Description=Gives this instance the bastion's address
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/opt/nplusone/address
TimeoutStartSec=60
Restart=on-failure
RestartSec=5

[Install]
WantedBy=multi-user.target
`;
