import { arn, recorded, ServiceRecords } from "./record";

/** No emulator has Observability Access Manager. */
export const records: ServiceRecords = {
  resources: {
    "aws:oam/sink:Sink": recorded((p) => ({ arn: arn("oam", `sink/${p["name"]}`), sinkId: String(p["name"]) })),
    "aws:oam/sinkPolicy:SinkPolicy": recorded(() => ({})),
  },
};
