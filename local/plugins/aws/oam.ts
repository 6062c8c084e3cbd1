import { arn, recorded, ServiceRecords } from "./record";

/** No emulator has Observability Access Manager. */
export const records: ServiceRecords = {
  resources: {
    "aws:oam/sink:Sink": recorded({
      arn: (p) => arn("oam", `sink/${p["name"]}`, p["region"]),
      sinkId: (p) => p["name"],
    }),
    "aws:oam/sinkPolicy:SinkPolicy": recorded(),
  },
};
