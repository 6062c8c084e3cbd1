import { DescribeInstanceRefreshesCommand, InstanceRefresh } from "@aws-sdk/client-auto-scaling";
import { announce, Announcement } from "../announce";
import { RefreshesClients } from "./clients";
import { RefreshesSettings } from "./settings";

/** The state of a refresh of which nobody needs to hear. */
const UNDER_WAY = "under way";

/** How many of the newest refreshes are looked at: of one that so many have followed people have heard. */
const NEWEST = 10;

/** What people are told of a refresh's status, and what to do; RUNBOOK stands for where to read. */
const TOLD: Readonly<Record<string, readonly [what: string, then: string]>> = {
  Successful: ["is rolled out", "Every instance runs it."],
  Failed: ["could not be rolled out", "Some instances may run it: see RUNBOOK."],
  Cancelled: ["is no longer being rolled out", "Some instances may run it, until another version is rolled out."],
  RollbackInProgress: ["is bad: going back", "Instances that run it are being replaced by the version before."],
  RollbackSuccessful: [
    "was bad, and is taken back",
    "Every instance runs the version before. Mend it and deploy again.",
  ],
  RollbackFailed: ["is bad, and could not be taken back", "Somebody has to look at once: see RUNBOOK."],
};

/**
 * Tells people how the group's refreshes have ended, each status once. It is run by Auto Scaling's events and every five
 * minutes: these are delivered on a best-effort basis. What an event says is not looked at, only what is.
 * @throws what the first failing call throws; running it again is safe.
 */
export async function tellRefreshes(
  _event: unknown,
  settings: RefreshesSettings,
  clients: RefreshesClients,
): Promise<string[]> {
  const { InstanceRefreshes = [] } = await clients.autoScaling.send(
    new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: settings.groupName, MaxRecords: NEWEST }),
  );
  // In the order in which they began.
  const announcements = InstanceRefreshes.map((refresh) => announcementOf(refresh, settings)).reverse();
  return announce(announcements, settings, clients, new Date());
}

function announcementOf(refresh: InstanceRefresh, { groupName, of, runbook }: RefreshesSettings): Announcement {
  const { DesiredConfiguration, InstanceRefreshId = "", PercentageComplete = 0, Status = "", StatusReason } = refresh;
  const told = TOLD[Status];
  const version = DesiredConfiguration?.LaunchTemplate?.Version;
  const what = version === undefined ? "the group's own version" : `version ${version}`;
  return {
    subject: InstanceRefreshId,
    state: told === undefined ? UNDER_WAY : Status,
    initialState: UNDER_WAY,
    message: () => ({
      subject: `${of}: ${what} ${told?.[0] ?? Status}`,
      body: [
        `${of}: ${what} of the launch template ${told?.[0] ?? Status}. ${told?.[1].replace("RUNBOOK", runbook) ?? ""}`,
        StatusReason && `Auto Scaling says: ${StatusReason}`,
        `Instance refresh ${InstanceRefreshId} of ${groupName}, ${PercentageComplete} % done.`,
      ]
        .filter(Boolean)
        .join("\n\n"),
    }),
  };
}
