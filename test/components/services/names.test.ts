import fc from "fast-check";
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contentTag } from "../../../components/services/contentTag";
import { ecrRepositoryOf, imageNameOf, imageProblem } from "../../../components/services/imageName";
import { priorities, Rule, shortName } from "../../../components/services/names";

const DIGEST = `sha256:${"0a".repeat(32)}`;

describe("names of target groups", () => {
  const part = (most: number) => fc.stringMatching(new RegExp(`^[a-z][a-z0-9-]{0,${most - 2}}[a-z0-9]$`));
  it("leave room for what Pulumi adds, and end as AWS wants", () =>
    fc.assert(
      fc.property(part(15), part(20), (cluster, service) => {
        assert.match(`${shortName(cluster, service)}-1234567`, /^[a-z0-9](?!.*--1234567)[a-z0-9-]{0,30}[a-z0-9]$/);
      }),
    ));
  it("differ where only their ends do", () =>
    assert.notEqual(
      shortName("production-shop", "recommendations-1"),
      shortName("production-shop", "recommendations-2"),
    ));
});

describe("priorities of rules", () => {
  const of = (...rules: [string, Rule][]) => priorities(rules.map(([name, rule]) => ({ name, rule })));
  it("put the more specific first", () => {
    const found = of(
      ["all", { paths: ["/*"] }],
      ["api", { paths: ["/api/*"] }],
      ["cart", { paths: ["/api/cart/*"] }],
      ["host", { hosts: ["shop.example.com"] }],
      ["both", { hosts: ["shop.example.com"], paths: ["/api/*"] }],
    );
    const order = [...found].sort(([, a], [, b]) => a - b).map(([name]) => name);
    assert.deepEqual(order, ["both", "host", "cart", "api", "all"]);
  });
  it("are each rule's own, within what a listener has, and stay when another comes that sorts behind", () =>
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-y]{1,8}$/), { maxLength: 60 }), (names) => {
        const rules = names.map((name) => ({ name, rule: { paths: [`/${name}/*`] } }));
        const before = priorities(rules);
        const after = priorities([...rules, { name: "zz", rule: { paths: ["/zz/*"] } }]);
        assert.equal(new Set(before.values()).size, names.length);
        for (const [name, priority] of before) {
          assert.ok(priority >= 1 && priority <= 50_000);
          assert.equal(after.get(name), priority);
        }
      }),
    ));
});

describe("images", () => {
  it("are known by repository, tag and digest", () => {
    assert.deepEqual(imageNameOf(":1.4.2"), { repository: undefined, tag: "1.4.2", digest: undefined });
    assert.deepEqual(imageNameOf(`@${DIGEST}`), { repository: undefined, tag: undefined, digest: DIGEST });
    assert.deepEqual(imageNameOf("registry:5000/a/b:1"), {
      ...{ repository: "registry:5000/a/b", tag: "1", digest: undefined },
    });
    assert.equal(imageNameOf(`public.ecr.aws/nginx/nginx:1.27@${DIGEST}`).repository, "public.ecr.aws/nginx/nginx");
  });
  it("have a tag that stays, or a digest", () => {
    for (const image of ["nginx", "public.ecr.aws/nginx/nginx", "registry:5000/a/b", "", ":"]) {
      assert.match(imageProblem(image) ?? "", /expected a tag or a digest/, image);
    }
    assert.match(imageProblem("nginx:latest") ?? "", /not latest/);
    for (const image of [":1", `nginx@${DIGEST}`, `nginx:latest@${DIGEST}`, "nginx:1.27"]) {
      assert.equal(imageProblem(image), undefined, image);
    }
  });
  it("say which ECR repository they are in", () => {
    assert.deepEqual(ecrRepositoryOf("123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app"), {
      ...{ account: "123456789012", region: "eu-west-1", name: "team/app" },
    });
    assert.equal(ecrRepositoryOf("public.ecr.aws/nginx/nginx"), undefined);
  });
});

describe("the tag of a built image", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "nplusone-content-"));
    mkdirSync(join(folder, "a/src"), { recursive: true });
    writeFileSync(join(folder, "a/Dockerfile"), "FROM scratch\n");
    writeFileSync(join(folder, "a/src/index.js"), "1\n");
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const tag = (name: string, over: object = {}) =>
    contentTag({ context: join(folder, name), arguments: {}, ...over }, "linux/arm64");

  it("is the same for the same content, wherever it is, and a tag that AWS takes", () => {
    cpSync(join(folder, "a"), join(folder, "b"), { recursive: true });
    assert.equal(tag("a"), tag("b"));
    assert.equal(imageProblem(`:${tag("a")}`), undefined);
  });
  it("is another for another file, name, Dockerfile, argument or platform", () => {
    const tags = [tag("a"), tag("a", { arguments: { VERSION: "2" } })];
    tags.push(contentTag({ context: join(folder, "a"), arguments: {} }, "linux/amd64"));
    writeFileSync(join(folder, "Other"), "FROM alpine\n");
    tags.push(tag("a", { dockerfile: join(folder, "Other") }));
    writeFileSync(join(folder, "a/src/index.js"), "2\n");
    tags.push(tag("a"));
    writeFileSync(join(folder, "a/src/more.js"), "");
    tags.push(tag("a"));
    assert.equal(new Set(tags).size, tags.length);
  });
  it("goes by nothing that is left out of the image", () => {
    writeFileSync(join(folder, "a/.dockerignore"), "notes.md\n/build/\n");
    const before = tag("a");
    for (const name of ["node_modules", ".git", "build"]) {
      mkdirSync(join(folder, "a", name));
      writeFileSync(join(folder, "a", name, "x"), "x");
    }
    writeFileSync(join(folder, "a/notes.md"), "x");
    assert.equal(tag("a"), before);
  });
});
