import { METRIC_NAMESPACE } from "../../lambdas/gateway/metrics";

/** The body of a gateway's CloudWatch dashboard: who carries each zone, and whether its gateway is there. */
export function gatewayDashboard(gateway: string, zones: readonly string[], region: string) {
  const widget = (title: string, metric: string, y: number) => ({
    type: "metric",
    x: 0,
    y,
    width: 24,
    height: 6,
    properties: {
      title,
      region,
      view: "timeSeries",
      stat: "Maximum",
      period: 60,
      yAxis: { left: { min: 0, max: 1 } },
      metrics: zones.map((zone) => [METRIC_NAMESPACE, metric, "Gateway", gateway, "AvailabilityZone", zone]),
    },
  });
  return {
    widgets: [
      widget("Carried by another zone's gateway (0: own, 1: foreign)", "RouteTarget", 0),
      widget("Gateway's network interface attached to a live instance", "NetworkInterfaceAttached", 6),
    ],
  };
}
