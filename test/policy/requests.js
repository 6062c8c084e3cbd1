// `@pulumi/policy` declares no types for its server, by which the engine asks a pack.
const { makeAnalyzeStackRpcFun } = require("@pulumi/policy/server");
const { AnalyzerResource, AnalyzeStackRequest, AnalyzerResourceOptions } = require("@pulumi/pulumi/proto/analyzer_pb");

exports.analyzeStack = (policies, resources) => {
  let deserialized = 0;
  const request = new AnalyzeStackRequest().setResourcesList(
    resources.map(({ type, name, props }) => {
      const properties = {
        toJavaScript: () => {
          deserialized++;
          return props;
        },
      };
      const resource = new AnalyzerResource()
        .setType(type)
        .setName(name)
        .setUrn(`urn:pulumi:test::nplusone::${type}::${name}`)
        .setOptions(new AnalyzerResourceOptions());
      return Object.assign(resource, { getProperties: () => properties });
    }),
  );
  const analyze = makeAnalyzeStackRpcFun("test", "1.0.0", "mandatory", policies);
  return new Promise((resolve, reject) =>
    analyze({ request }, (error, response) =>
      error
        ? reject(error)
        : resolve({ deserialized, messages: response.getDiagnosticsList().map((d) => d.getMessage().trim()) }),
    ),
  );
};
