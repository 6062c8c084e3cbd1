/** Namespace of the gateway's metrics. */
export const METRIC_NAMESPACE = "nplusone/Gateway";
/** Metric by which a zone's instance says every minute whether it forwards: 1 or 0. */
export const FORWARDING_METRIC = "Forwarding";

/** The dimensions of every metric of a zone of a gateway, by the gateway's id. */
export const metricDimensions = (gateway: string, availabilityZone: string) => [
  { Name: "Gateway", Value: gateway },
  { Name: "AvailabilityZone", Value: availabilityZone },
];
