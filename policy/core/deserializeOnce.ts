import { createRequire } from "node:module";

type Deserialize = (properties: object, proxySecrets: boolean) => object;

/** The SDK's own module, which an `import` would copy. */
const MODULE = "@pulumi/policy/deserialize";

/**
 * Lets the policy SDK deserialize a resource's properties once a request. It does so anew for every policy of a stack, and
 * that took a pack of 27 three times as long as all its rules. What comes out is shared by them: rules only read it. An SDK
 * without this function goes on as it does.
 */
export function deserializeOnce(): void {
  const module = createRequire(__filename)(MODULE) as { deserializeProperties?: Deserialize };
  const deserialize = module.deserializeProperties;
  if (deserialize === undefined) {
    return;
  }
  const done = new WeakMap<object, object>();
  module.deserializeProperties = (properties, proxySecrets) => {
    if (proxySecrets) {
      // For remediations, which write.
      return deserialize(properties, proxySecrets);
    }
    const deserialized = done.get(properties) ?? deserialize(properties, proxySecrets);
    done.set(properties, deserialized);
    return deserialized;
  };
}
