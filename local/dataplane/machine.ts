import { execFile } from "node:child_process";
import { promisify } from "node:util";

const exec = promisify(execFile);

/** What the data plane is made of, by the Debian package that brings it. */
const PROGRAMS: Readonly<Record<string, string>> = {
  unshare: "util-linux",
  nsenter: "util-linux",
  ip: "iproute2",
  nft: "nftables",
  sysctl: "procps",
  curl: "curl",
  openssl: "openssl",
  squid: "squid-openssl",
  networkctl: "systemd",
  "dbus-daemon": "dbus",
};

/** Where Debian and Fedora keep what only the system starts. */
export const SYSTEM_PATH =
  "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/systemd:/lib/systemd:/usr/lib/squid";

/** How this machine lets a process become root, which namespaces, routes and packet filters need. */
export function asRoot(): readonly string[] {
  return process.getuid?.() === 0 ? [] : ["sudo", "-n"];
}

/** What the machine lacks to run a gateway in network namespaces, if anything. */
export async function machineLacks(): Promise<string | undefined> {
  if (process.platform !== "linux") {
    return "the data plane runs in Linux network namespaces";
  }
  const script = `unshare -n -m -p -f --mount-proc true || exit 9
    for program in ${Object.keys(PROGRAMS).join(" ")}; do command -v "$program" > /dev/null || echo "$program"; done
    squid -v | grep -q -- --with-openssl || echo squid`;
  try {
    const [program = "", ...args] = [...asRoot(), "env", `PATH=${SYSTEM_PATH}`, "bash", "-c", script];
    const { stdout } = await exec(program, args);
    const missing = [...new Set(stdout.split("\n").filter((p) => p !== ""))];
    const packages = [...new Set(missing.map((p) => PROGRAMS[p]))];
    return missing.length === 0
      ? undefined
      : `the data plane needs ${missing.join(", ")}: apt-get install ${packages.join(" ")}`;
  } catch {
    return "the data plane needs root, or sudo without a password, and leave to make network namespaces";
  }
}
