import { AutoScalingClient, DescribeInstanceRefreshesCommand, InstanceRefresh } from "@aws-sdk/client-auto-scaling";
import { Clients } from "../../endpoint/clients";
import { Play } from "./play";
import { Tier } from "./tier";

/** Does what AWS does when tiers have come up: their groups span all zones, and what is to be rolled out is. */
export async function settleTiers(region: string, clients: Clients): Promise<void> {
  for (const tier of await Tier.all(region, clients)) {
    await tier.spread(await tier.serving());
    const refresh = await activeRefresh(tier);
    if (refresh !== undefined) {
      const play = await Play.of(tier);
      play.begin(refresh);
      await play.untilSettled({});
    }
  }
}

/** The group's instance refresh that goes on, if there is one. */
export async function activeRefresh({ clients, group, region }: Tier): Promise<InstanceRefresh | undefined> {
  const { InstanceRefreshes: [newest] = [] } = await clients
    .make(AutoScalingClient, region)
    .send(new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: group }));
  return newest?.EndTime === undefined ? newest : undefined;
}
