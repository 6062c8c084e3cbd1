import { client, ServiceRecords } from "./record";

const route53 = client("route-53");

export const records: ServiceRecords = {
  resources: {},
  functions: {
    // Cloud Control speaks of all types; the program asks it about health checks alone.
    "aws:cloudcontrol/getResource:getResource": [
      route53(
        "GetHealthCheck",
        (p) => ({ HealthCheckId: p["identifier"] }),
        (a) => ({
          id: a.HealthCheck.Id,
          properties: JSON.stringify({
            HealthCheckId: a.HealthCheck.Id,
            HealthCheckConfig: a.HealthCheck.HealthCheckConfig,
          }),
        }),
      ),
    ],
  },
};
