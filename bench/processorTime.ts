import { readFileSync } from "node:fs";

/** Linux counts processor time in hundredths of a second (`USER_HZ`; https://man7.org/linux/man-pages/man7/time.7.html). */
const TICK_MS = 10;

/**
 * Milliseconds that this process and those of its children that have ended have kept a processor busy: what else the
 * machine does hardly changes it. Where the system doesn't tell of children, the time that has passed.
 */
export function processorTime(stat = readStat()): number {
  if (stat === undefined) {
    return performance.now();
  }
  // The program's name, in parentheses, may contain anything; from behind it: utime, stime, cutime, cstime.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * TICK_MS, 0);
}

function readStat(): string | undefined {
  try {
    return readFileSync("/proc/self/stat", "utf8");
  } catch {
    return undefined;
  }
}
