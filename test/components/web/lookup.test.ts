import { DescribeImagesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { AwsStub, mockClient } from "aws-sdk-client-mock";
import assert from "node:assert/strict";
import { architectureOf } from "../../../components/common/image";
import { lookUpTiers, TierNames } from "../../../components/web/lookup";
import { record } from "../recorded";

const ARM = "ami-0a1b2c3d4e5f60718";

describe("the look-up of tiers", () => {
  let ec2: AwsStub<object, { $metadata: object }, object>;
  beforeEach(async () => {
    await record();
    ec2 = mockClient(EC2Client) as unknown as typeof ec2;
    ec2.on(DescribeImagesCommand).callsFake(({ ImageIds: [id] }: { ImageIds: string[] }) => {
      if (id !== ARM) {
        throw Object.assign(new Error(`The image id '[${id}]' does not exist`), { name: "InvalidAMIID.NotFound" });
      }
      return { Images: [{ ImageId: id, Architecture: "arm64" }] };
    });
  });
  afterEach(() => ec2.restore());
  const problems = async (...tiers: TierNames[]) =>
    (await lookUpTiers(tiers)).map(({ path, message }) => `${path.join(".")}: ${message}`);

  it("asks nothing if no image is named", async () => {
    assert.deepEqual(await problems({ instanceType: "t4g.small" }), []);
    assert.equal(ec2.calls().length, 0);
  });
  it("finds nothing wrong with an image of the instance type's architecture", async () =>
    assert.deepEqual(await problems({ imageId: ARM, instanceType: "m7g.large" }), []));
  it("finds an image of another architecture, and one that isn't there, all at once", async () => {
    const [type = "", image = "", ...others] = await problems(
      { imageId: ARM, instanceType: "m7i.large" },
      { imageId: "ami-0123456789abcdef0", instanceType: "t4g.small" },
    );
    assert.match(type, /^web\.0\.instanceType: expected a type of ami-\w+'s architecture arm64: m7i\.large is x86_64$/);
    assert.match(image, /^web\.1\.imageId: expected an image that is there and shared/);
    assert.deepEqual(others, []);
  });
  it("says that it couldn't ask, if it couldn't", async () => {
    ec2
      .on(DescribeImagesCommand)
      .rejects(Object.assign(new Error("not authorized"), { name: "UnauthorizedOperation" }));
    assert.match(
      (await problems({ imageId: ARM, instanceType: "t4g.small" })).join(),
      /can't be looked up: not authorized/,
    );
  });
});

describe("the architecture of an instance type", () => {
  it("is arm64 for Graviton, whatever else the type has", () => {
    for (const type of [
      "t4g.nano",
      "m7g.large",
      "c7gn.medium",
      "x2gd.metal",
      "im4gn.large",
      "is4gen.medium",
      "g5g.xlarge",
    ]) {
      assert.equal(architectureOf(type), "arm64", type);
    }
    assert.equal(architectureOf("a1.medium"), "arm64");
    for (const type of [
      "t3.small",
      "m7i.large",
      "g4dn.xlarge",
      "g5.xlarge",
      "p4d.24xlarge",
      "hpc7a.12xlarge",
      "u-6tb1.metal",
    ]) {
      assert.equal(architectureOf(type), "x86_64", type);
    }
  });
});
