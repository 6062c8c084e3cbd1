import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { TAGGABLE, withTags } from "../../../components/common/stackTags";
import { declaredTags } from "./declaredTags";

const TAGS = { version: "1", repositoryUrl: "https://example.com" };

describe("tags of the version and the repository", () => {
  it("are added to what a resource has of its own", () => {
    const tagged = withTags("aws:ec2/subnet:Subnet", { cidrBlock: "c", tags: { Name: "a", version: "own" } }, TAGS);
    assert.deepEqual(tagged, { cidrBlock: "c", tags: { ...TAGS, Name: "a", version: "own" } });
  });
  it("are added to tags that are not known yet, once they are", async () => {
    const { tags } = withTags("aws:ec2/vpc:Vpc", { tags: pulumi.output(Promise.resolve({ Name: "late" })) }, TAGS);
    const known = await new Promise((resolve) => (tags as pulumi.Output<unknown>).apply(resolve));
    assert.deepEqual(known, { ...TAGS, Name: "late" });
  });
  it("are a list on an Auto Scaling group, and reach its instances", () => {
    const own = { key: "Name", value: "gateway", propagateAtLaunch: true };
    const { tags } = withTags("aws:autoscaling/group:Group", { tags: [own] }, TAGS);
    assert.deepEqual(tags, [
      own,
      { key: "version", value: "1", propagateAtLaunch: true },
      { key: "repositoryUrl", value: "https://example.com", propagateAtLaunch: true },
    ]);
  });
  it("are left off what takes none", () =>
    assert.deepEqual(withTags("aws:ec2/route:Route", { routeTableId: "r" }, TAGS), { routeTableId: "r" }));
  it("are listed for types that the provider declares them for", () => {
    for (const type of TAGGABLE) {
      assert.match(declaredTags(type) ?? "", /pulumi.Input<\{/, type);
    }
  });
});
