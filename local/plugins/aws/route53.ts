import { client, ServiceRecords } from "./record";

export const records: ServiceRecords = {
  resources: {},
  functions: {
    // Cloud Control speaks of all types; the program asks it about health checks alone.
    "aws:cloudcontrol/getResource:getResource": {
      call: client("route-53")("GetHealthCheck", { names: { identifier: "HealthCheckId" } }),
      answer: ({ HealthCheck: { Id, HealthCheckConfig } }) => ({
        id: Id,
        properties: JSON.stringify({ HealthCheckId: Id, HealthCheckConfig }),
      }),
    },
  },
};
