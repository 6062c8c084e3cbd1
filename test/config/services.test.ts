import assert from "node:assert/strict";
import { parseConfig } from "../../config";
import { expectProblem, good, problems } from "./problems";

const service = (over: object = {}) => ({ name: "cart", image: ":1.4.2", ...over });
const cluster = (over: object = {}) => ({ name: "shop", services: [service()], ...over });
const config = (...services: object[]) => ({ ...good, services });
const withServices = (...services: object[]) => config(cluster({ services }));
const CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";

describe("services configuration", () => {
  it("accepts a minimal service and fills in the defaults, among them the published thresholds", () => {
    const [shop] = parseConfig(config(cluster()), "test").services ?? [];
    const [cart] = shop?.services ?? [];
    assert.deepEqual([cart?.minimum, cart?.maximum, cart?.public, cart?.port], [4, 20, false, 8080]);
    assert.deepEqual(cart?.scaling, {
      ...{ type: "steps", metric: "cpu", outAbovePercent: 70, outMinutes: 5, inBelowPercent: 30, inMinutes: 30 },
    });
    assert.deepEqual(shop?.hosts.scaling, { type: "managed", targetCapacityPercent: 100 });
    const steps = parseConfig(config(cluster({ hosts: { scaling: { type: "steps" } } })), "test").services?.[0];
    assert.deepEqual(steps?.hosts.scaling, {
      ...{ type: "steps", outAbovePercent: 70, outMinutes: 5, inBelowPercent: 25, inMinutes: 30 },
    });
  });

  it("refuses two services on one rule of one balancer, and says whose it is", () => {
    const rule = { paths: ["/cart", "/cart/*"] };
    const twice = [
      service({ public: true, rule }),
      service({ name: "other", public: true, rule: { paths: ["/cart/*"] } }),
    ];
    expectProblem(withServices(...twice), "services.0.services.1.rule.paths.0", /\/cart\/\* are cart's already/);
    const apart = [service({ public: true, rule }), service({ name: "other", rule })];
    assert.deepEqual(problems(withServices(...apart)), [], "an internal balancer is another");
    const hosts = ["a.example.com", "b.example.com"].map((host, i) =>
      service({ name: `s${i}`, public: true, rule: { paths: ["/*"], hosts: [host] } }),
    );
    assert.deepEqual(problems(withServices(...hosts)), []);
    const squatter = service({ name: "x", rule: { hosts: ["cart.shop.internal"] } });
    expectProblem(withServices(service(), squatter), "services.0.services.1.rule.hosts.0", /cart's already/);
  });

  it("refuses tasks that are larger than a host", () => {
    expectProblem(withServices(service({ memoryMiB: 8192 })), "services.0.services.0.memoryMiB", /7321 MiB or fewer/);
    expectProblem(withServices(service({ cpu: 4096 })), "services.0.services.0.cpu", /2048 CPU units or fewer/);
    const capacity = { cpu: 4096, memoryMiB: 30_000 };
    assert.deepEqual(problems(config(cluster({ hosts: { capacity }, services: [service({ memoryMiB: 8192 })] }))), []);
  });

  it("refuses hosts that don't carry every minimum when a zone is lost", () => {
    const large = [service({ memoryMiB: 4000 })];
    expectProblem(
      config(cluster({ services: large, hosts: { minHosts: 6 } })),
      "services.0.hosts.minHosts",
      /expected 8 or more, because the minimum of every service has to fit/,
    );
  });

  it("refuses a type whose size nobody knows, unless it is said", () =>
    expectProblem(
      config(cluster({ hosts: { instanceType: "m4.large" } })),
      "services.0.hosts.capacity",
      /doesn't tell/,
    ));

  it("refuses fewer than two tasks, and a maximum below the minimum", () => {
    expectProblem(withServices(service({ minimum: 1 })), "services.0.services.0.minimum", /one task alone/);
    expectProblem(withServices(service({ maximum: 3 })), "services.0.services.0.maximum", /minimum \(4\) or more/);
  });

  it("refuses images without tag or with one that moves, both or none of image and build", () => {
    expectProblem(withServices(service({ image: "nginx" })), "services.0.services.0.image", /a tag or a digest/);
    expectProblem(withServices(service({ image: "nginx:latest" })), "services.0.services.0.image", /not latest/);
    expectProblem(withServices({ name: "cart" }), "services.0.services.0.image", /either an image or a build/);
    const both = service({ build: { context: "examples/web-app" } });
    assert.ok(problems(withServices(both)).some((line) => /either an image or a build/.test(line)));
  });

  it("refuses to build of what isn't there", () => {
    const build = { context: "examples/nowhere" };
    expectProblem(
      withServices({ name: "cart", build }),
      "services.0.services.0.build.context",
      /there is no examples\/nowhere\/Dockerfile/,
    );
  });

  it("refuses a public service without a rule, and a rule that says nothing or too much", () => {
    expectProblem(withServices(service({ public: true })), "services.0.services.0.rule", /no other name/);
    expectProblem(withServices(service({ rule: {} })), "services.0.services.0.rule", /paths, hosts or both/);
    const rule = { paths: ["/a", "/b", "/c"], hosts: ["d.example.com", "e.example.com", "f.example.com"] };
    expectProblem(withServices(service({ rule })), "services.0.services.0.rule", /5 paths and hosts or fewer/);
  });

  it("refuses a variable that is both public and secret, and secrets that are no ARN", () => {
    const secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:api-AbCdEf:key::";
    const twice = service({ environment: { API_KEY: "x" }, secrets: { API_KEY: secret } });
    expectProblem(withServices(twice), "services.0.services.0.secrets.API_KEY", /not in both/);
    expectProblem(
      withServices(service({ secrets: { API_KEY: "hunter2" } })),
      "services.0.services.0.secrets.API_KEY",
      /the ARN of a Secrets Manager secret/,
    );
  });

  it("refuses names that AWS would, and names that are there twice", () => {
    for (const name of ["ecs-shop", "a".repeat(16), "1shop", "shop-"]) {
      const [first = ""] = problems(config(cluster({ name })));
      assert.match(first, /services\.0\.name: expected/, name);
    }
    expectProblem(config(cluster(), cluster()), "services.1.name", /each cluster once/);
    const twice = withServices(service(), service());
    assert.ok(problems(twice).some((line) => /services\.0\.services\.1\.name: expected each service once/.test(line)));
  });

  it("refuses names of what isn't there, and a database that doesn't admit the cluster", () => {
    for (const kind of ["database", "sessionStore", "userFiles", "mail"]) {
      const found = problems(withServices(service({ [kind]: "nowhere" })));
      assert.match(found.join("\n"), new RegExp(`services\\.0\\.services\\.0\\.${kind}: expected .* not nowhere`));
      assert.equal(found.length, 1);
    }
    const database = [
      {
        name: "orders",
        engine: "postgres",
        engineVersion: "16",
        instanceClass: "db.m7g.large",
        partnerRegion: "eu-west-1",
        tiers: ["shop"],
        storage: { allocatedGiB: 20 },
      },
    ];
    assert.deepEqual(problems({ ...withServices(service({ database: "orders" })), database }), []);
    const other = [{ ...database[0], tiers: [] }];
    assert.match(
      problems({ ...withServices(service({ database: "orders" })), database: other }).join("\n"),
      /services\.0\.services\.0\.database: expected shop among the tiers of orders/,
    );
  });

  it("refuses a cluster with a tier's name: what admits one must not admit the other", () => {
    const web = [{ name: "shop", requiredInstances: 2, application: { command: "/opt/shop/start" } }];
    expectProblem({ ...config(cluster()), web }, "services.0.name", /no tier of nplusone:web has/);
  });

  it("refuses a certificate of another Region, and ports that the network's ACLs keep closed", () => {
    const shop = cluster({
      entrance: { certificateArn: CERTIFICATE },
      services: [service({ public: true, rule: { paths: ["/*"] } })],
    });
    expectProblem(
      config(shop),
      "services.0.entrance.certificateArn",
      /Region us-east-1, not of eu-west-1/,
      "us-east-1",
    );
    const network = { ...good.network, networkAcls: { publicPorts: [443] } };
    expectProblem({ ...config(shop), network }, "services.0", /expected 80 among network.networkAcls.publicPorts/);
    assert.deepEqual(problems({ ...config(cluster()), network }), [], "internal services need no public port");
  });

  it("refuses scaling that goes out and in at once, of tasks and of hosts", () => {
    const scaling = { type: "steps", outAbovePercent: 30, inBelowPercent: 30 };
    expectProblem(withServices(service({ scaling })), "services.0.services.0.scaling.inBelowPercent", /less than/);
    expectProblem(config(cluster({ hosts: { scaling } })), "services.0.hosts.scaling.inBelowPercent", /less than/);
    expectProblem(
      config(cluster({ hosts: { scaling: { type: "both" } } })),
      "services.0.hosts.scaling.type",
      /managed or steps/,
    );
  });

  it("lists what is wrong with several services at once", () => {
    const found = problems(
      withServices(service({ image: "nginx", minimum: 1 }), service({ name: "b", memoryMiB: 9000 })),
    );
    assert.ok(found.length >= 2, found.join("\n"));
  });
});
