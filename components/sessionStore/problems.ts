/** What of a session store is judged before anything is registered. */
export interface SessionStoreSpec {
  readonly engineVersion: string;
  readonly nodeType: string;
  readonly members: number;
  readonly maintenanceWindow: string;
  readonly snapshotWindow: string;
}

/** Where in a session store's configuration something is wrong, and what was expected. */
export interface SessionStoreProblem {
  readonly path: readonly string[];
  readonly message: string;
}

const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MINUTES_A_DAY = 24 * 60;
const MINUTES_A_WEEK = 7 * MINUTES_A_DAY;
/** https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/maintenance-window.html, and the same for snapshots. */
const SHORTEST_WINDOW_MINUTES = 60;

/** A stretch of time that comes again: minutes from the beginning of the day or week, and how long. */
interface Window {
  readonly start: number;
  readonly minutes: number;
}

const time = "([01]\\d|2[0-3]):([0-5]\\d)";
const DAILY = new RegExp(`^${time}-${time}$`);
const WEEKLY = new RegExp(`^(${DAYS.join("|")}):${time}-(${DAYS.join("|")}):${time}$`);

/** `03:00-04:00` UTC, over midnight too; `undefined` if it isn't written so. */
export function dailyWindow(text: string): Window | undefined {
  const [, h1, m1, h2, m2] = (DAILY.exec(text) ?? []).map(Number);
  if (h1 === undefined || m1 === undefined || h2 === undefined || m2 === undefined) {
    return undefined;
  }
  const start = 60 * h1 + m1;
  return { start, minutes: (60 * h2 + m2 - start + MINUTES_A_DAY) % MINUTES_A_DAY };
}

/** `sun:05:00-sun:06:00` UTC, over the week's end too; `undefined` if it isn't written so. */
export function weeklyWindow(text: string): Window | undefined {
  const [, day1 = "", h1, m1, day2 = "", h2, m2] = WEEKLY.exec(text) ?? [];
  if (day1 === "") {
    return undefined;
  }
  const at = (day: string, hours?: string, minutes?: string) =>
    MINUTES_A_DAY * DAYS.indexOf(day) + 60 * Number(hours) + Number(minutes);
  const start = at(day1, h1, m1);
  return { start, minutes: (at(day2, h2, m2) - start + MINUTES_A_WEEK) % MINUTES_A_WEEK };
}

/** Whether a daily window is open at a moment of a weekly one. */
export function overlap(daily: Window, weekly: Window): boolean {
  return Array.from({ length: 9 }, (_, day) => daily.start + MINUTES_A_DAY * (day - 1)).some((start) =>
    [0, MINUTES_A_WEEK].some(
      (turn) => start < weekly.start + weekly.minutes - turn && weekly.start - turn < start + daily.minutes,
    ),
  );
}

/** Everything that is wrong with a session store, wherever it is. */
export function sessionStoreProblems(spec: SessionStoreSpec): SessionStoreProblem[] {
  return [...nodeProblems(spec), ...windowProblems(spec)];
}

function nodeProblems({ engineVersion, nodeType, members }: SessionStoreSpec): SessionStoreProblem[] {
  const problems: SessionStoreProblem[] = [];
  if (!/^(7\.2|([89]|[1-9]\d)\.\d+)$/.test(engineVersion)) {
    const why = "ElastiCache upgrades patch versions by itself, and there is no Valkey before 7.2";
    problems.push(at("engineVersion", `expected a version of Valkey such as 8.0: ${why}`));
  }
  if (/^cache\.r6gd\./.test(nodeType)) {
    problems.push(at("nodeType", "expected a node without data tiering: sessions belong in memory"));
  }
  if (/^cache\.t1\./.test(nodeType)) {
    problems.push(at("nodeType", `expected a newer node: a ${nodeType} is never failed over from`));
  }
  if (members < 2 || members > 6) {
    const message = `expected 2 members or more, and 6 at most, of which one takes writes: not ${members}`;
    problems.push(at("members", message));
  }
  return problems;
}

function windowProblems({ maintenanceWindow, snapshotWindow }: SessionStoreSpec): SessionStoreProblem[] {
  const problems: SessionStoreProblem[] = [];
  const weekly = weeklyWindow(maintenanceWindow);
  const daily = dailyWindow(snapshotWindow);
  if (weekly === undefined || weekly.minutes < SHORTEST_WINDOW_MINUTES) {
    const message = "expected an hour of the week or more, in UTC, such as sun:05:00-sun:06:00";
    problems.push(at("maintenanceWindow", message));
  }
  if (daily === undefined || daily.minutes < SHORTEST_WINDOW_MINUTES) {
    problems.push(at("snapshotWindow", "expected an hour of the day or more, in UTC, such as 03:00-04:00"));
  }
  if (weekly !== undefined && daily !== undefined && overlap(daily, weekly)) {
    const message = `expected one that ${maintenanceWindow} doesn't overlap: ElastiCache refuses that`;
    problems.push(at("snapshotWindow", message));
  }
  return problems;
}

const at = (path: string, message: string): SessionStoreProblem => ({ path: path.split("."), message });
