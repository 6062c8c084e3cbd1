import {
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
  TargetDescription,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { RelaunchClients } from "./clients";

/**
 * Makes `joining` members of each target group in the place of `leaving`: of these only those that are members leave,
 * and the new ones join on their ports.
 */
export async function moveMembership(
  targetGroupArns: readonly string[],
  leaving: readonly string[],
  joining: readonly string[],
  { loadBalancing }: RelaunchClients,
): Promise<void> {
  await Promise.all(
    targetGroupArns.map(async (TargetGroupArn) => {
      const { TargetHealthDescriptions = [] } = await loadBalancing.send(
        new DescribeTargetHealthCommand({ TargetGroupArn }),
      );
      const members = TargetHealthDescriptions.flatMap((d) => d.Target ?? []);
      const gone = members.filter((m) => leaving.includes(m.Id ?? ""));
      const missing = joining.filter((id) => !members.some((m) => m.Id === id));
      const Targets: TargetDescription[] = missing.flatMap((Id) =>
        gone.length === 0 ? [{ Id }] : [...new Set(gone.map((m) => m.Port))].map((Port) => ({ Id, Port })),
      );
      if (Targets.length > 0) {
        await loadBalancing.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
      }
      if (gone.length > 0 && joining.length > 0) {
        await loadBalancing.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets: gone }));
      }
    }),
  );
}
