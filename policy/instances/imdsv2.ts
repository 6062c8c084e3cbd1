import { PolicyResource } from "@pulumi/policy";
import { make } from "../core/example";
import { Finding, undetermined } from "../core/finding";
import { Graph, INSTANCE, LAUNCH_TEMPLATE } from "../core/graph";
import { Rule } from "../core/rule";
import { at, read, UNKNOWN } from "../core/unknown";

/** Instances answer metadata requests only with a session token (IMDSv2). */
export const imdsv2: Rule = {
  name: "instances-require-imdsv2",
  what: "Instances answer metadata requests only with a session token (IMDSv2).",
  why: "Without it, a program on the instance that can be made to fetch a URL gives away the instance's credentials.",
  mend: 'Set `metadataOptions.httpTokens` to `"required"`.',
  pages: ["https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html"],
  eachResource: true,
  examples: {
    fails: [make(LAUNCH_TEMPLATE, "app", { imageId: "ami-12c6146b" })],
    passes: [make(LAUNCH_TEMPLATE, "app", { imageId: "ami-12c6146b", metadataOptions: { httpTokens: "required" } })],
  },
  find: (graph: Graph) => graph.ofType(LAUNCH_TEMPLATE, INSTANCE).flatMap(withoutTokens),
};

function withoutTokens({ name, props, urn }: PolicyResource): Finding[] {
  const endpoint = read(() => at(props, "metadataOptions.httpEndpoint"));
  const tokens = read(() => at(props, "metadataOptions.httpTokens"));
  if (tokens === "required" || endpoint === "disabled") {
    return [];
  }
  const property = `metadataOptions.httpTokens of ${name}`;
  return tokens === UNKNOWN
    ? [undetermined(`${property} isn't known before the update: write "required" literally`, urn)]
    : [{ message: `${property} is ${tokens === undefined ? "not set" : String(tokens)}: set it to "required"`, urn }];
}
