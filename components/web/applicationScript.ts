import { BootFile, userData } from "./userData";

/** What the instances run. */
export interface Application {
  /** What systemd starts at every boot, and again if it ends: an absolute path with arguments, on one line. */
  readonly command: string;
  /** Shell script that is run once in an instance's life, as root, before the application is started. @default none */
  readonly setUp?: string;
  /** TCP port that it listens on, 1024 or more: it is not root. */
  readonly port: number;
  /** Variables of its environment. No secrets. */
  readonly environment: Readonly<Record<string, string>>;
}

/** How the application reaches its database, once that is known. */
export interface ApplicationDatabase {
  readonly engine: string;
  readonly host: string;
  readonly port: number;
  readonly name: string;
  /** ARN of the secret with user and password. */
  readonly secretArn: string;
}

/** Arguments of `applicationScript`. */
export interface ApplicationScriptArgs {
  readonly region: string;
  readonly application: Application;
  /** @default none */
  readonly database?: ApplicationDatabase;
}

/** Where the instance's own programs are. */
const PROGRAMS = "/opt/nplusone";
/** Variables of the application's environment. */
const ENVIRONMENT = "/etc/nplusone/application.env";
/** The database's user and password, in memory: root writes it, the application reads it. */
const SECRET = "/run/nplusone/database.json";
/** Who the application runs as. */
const USER = "nplusone-app";
const AGENT = "/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl";

/**
 * Writes the user data of a tier's instances: the application as a systemd service, which starts at every boot and again
 * whenever it ends, and CloudWatch's agent for memory and disk. The database's password is read from Secrets Manager
 * before every start and every minute, so that a rotated one gets there. It stays in memory. An agent that
 * can't be had keeps no instance out of service.
 * @throws as `userData`.
 */
export function applicationScript(args: ApplicationScriptArgs): string {
  const { application, database } = args;
  return userData(
    files(args),
    `\
id -u ${USER} > /dev/null 2>&1 || useradd --system --shell /usr/sbin/nologin ${USER}
${application.setUp === undefined ? "" : `bash -euo pipefail ${PROGRAMS}/set-up\n`}\
systemctl daemon-reload
systemctl enable nplusone-application.service
systemctl start --no-block nplusone-application.service
${database === undefined ? "" : "systemctl enable nplusone-secret.timer\nsystemctl start nplusone-secret.timer\n"}\
${PROGRAMS}/watch || echo "memory and disk are not watched: the CloudWatch agent can't be had"
`,
  );
}

function files({ application, database, region }: ApplicationScriptArgs): BootFile[] {
  const program = (name: string, content: string): BootFile => ({ path: `${PROGRAMS}/${name}`, content, mode: "0755" });
  const file = (path: string, content: string): BootFile => ({ path, content, mode: "0644" });
  const unit = (name: string, content: string) => file(`/etc/systemd/system/${name}`, content);
  return [
    file(ENVIRONMENT, environment(application, database)),
    unit("nplusone-application.service", applicationUnit(application, database !== undefined)),
    ...(application.setUp === undefined ? [] : [program("set-up", application.setUp)]),
    ...(database === undefined
      ? []
      : [
          program("secret", secretProgram(database.secretArn, region)),
          unit("nplusone-secret.service", SECRET_UNIT),
          unit("nplusone-secret.timer", SECRET_TIMER),
        ]),
    program("watch", WATCH),
    file(`${PROGRAMS}/cloudwatch-agent.json`, JSON.stringify(AGENT_CONFIG, null, 2)),
  ];
}

function environment({ environment: own, port }: Application, database: ApplicationDatabase | undefined): string {
  const variables = {
    PORT: String(port),
    ...(database === undefined
      ? {}
      : {
          DATABASE_ENGINE: database.engine,
          DATABASE_HOST: database.host,
          DATABASE_PORT: String(database.port),
          DATABASE_NAME: database.name,
          DATABASE_SECRET_FILE: SECRET,
        }),
    ...own,
  };
  return Object.entries(variables)
    .map(([name, value]) => `${name}="${value.replaceAll(/["\\`$]/g, "\\$&")}"\n`)
    .join("");
}

/** `%` begins a specifier in a unit; `$` a variable, which is the environment's. */
function applicationUnit({ command }: Application, hasDatabase: boolean): string {
  return `\
[Unit]
Description=The application
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
User=${USER}
EnvironmentFile=${ENVIRONMENT}
${hasDatabase ? `ExecStartPre=+${PROGRAMS}/secret\n` : ""}\
ExecStart=${command.replaceAll("%", "%%")}
Restart=always
RestartSec=2
NoNewPrivileges=yes
PrivateTmp=yes
ProtectHome=yes
ProtectSystem=full

[Install]
WantedBy=multi-user.target
`;
}

/** A secret that can't be read leaves the last one in place, if there is one. */
function secretProgram(secretArn: string, region: string): string {
  return `\
#!/bin/bash
set -euo pipefail
umask 077
mkdir -p -m 0755 ${SECRET.slice(0, SECRET.lastIndexOf("/"))}
if secret=$(aws secretsmanager get-secret-value --region ${region} --secret-id ${secretArn} --query SecretString --output text); then
  printf '%s\\n' "$secret" > ${SECRET}.new
  chown ${USER} ${SECRET}.new
  mv ${SECRET}.new ${SECRET}
else
  echo "the database's secret can't be read"
  [ -s ${SECRET} ]
fi
`;
}

const SECRET_UNIT = `\
[Unit]
Description=The database's user and password
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=${PROGRAMS}/secret
TimeoutStartSec=30
`;

const SECRET_TIMER = `\
[Unit]
Description=Reads the database's user and password every minute

[Timer]
OnBootSec=60
OnUnitActiveSec=60

[Install]
WantedBy=timers.target
`;

/** The agent is in Amazon Linux's repository; an own image may have it already. */
const WATCH = `\
#!/bin/bash
set -euo pipefail
for attempt in $(seq 5); do
  [ -x ${AGENT} ] && break
  dnf install -y amazon-cloudwatch-agent || sleep 15
done
${AGENT} -a fetch-config -m ec2 -s -c file:${PROGRAMS}/cloudwatch-agent.json
`;

/**
 * Alarms and policies are on the group's metrics, which there are only by the aggregation.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Agent-Configuration-File-Details.html
 */
const AGENT_CONFIG = {
  agent: { metrics_collection_interval: 60, run_as_user: "cwagent" },
  metrics: {
    append_dimensions: { AutoScalingGroupName: "${aws:AutoScalingGroupName}", InstanceId: "${aws:InstanceId}" },
    aggregation_dimensions: [["AutoScalingGroupName"]],
    metrics_collected: {
      mem: { measurement: ["used_percent"] },
      disk: { measurement: ["used_percent"], resources: ["/"], drop_device: true },
    },
  },
};
