import { GetHealthCheckStatusCommand, Route53Client } from "@aws-sdk/client-route-53";
import { CheckSettings } from "./settings";
import { CheckResult, failure, targetOf } from "./task";

/** Route 53 itself calls an endpoint healthy if more than this share of its checkers, in percent, do. */
const HEALTHY_PERCENT = 18;

/**
 * Asks Route 53's checkers, which look from several continents, whether the instance's own health check passes.
 * @throws `NoObservations` if no checker has reported: that says nothing about the instance.
 */
export async function checkHealth(
  event: unknown,
  settings: CheckSettings,
  clients: { readonly route53: Route53Client },
): Promise<CheckResult> {
  const { healthCheckId } = targetOf(event, settings);
  const { HealthCheckObservations = [] } = await clients.route53.send(
    new GetHealthCheckStatusCommand({ HealthCheckId: healthCheckId }),
  );
  const total = HealthCheckObservations.length;
  if (total === 0) {
    throw failure("NoObservations", `no Route 53 checker has reported on health check ${healthCheckId}`);
  }
  const healthy = HealthCheckObservations.filter((o) => o.StatusReport?.Status?.startsWith("Success")).length;
  return {
    passed: healthy * 100 > HEALTHY_PERCENT * total,
    detail: `${healthy} of ${total} Route 53 checkers call it healthy`,
  };
}
