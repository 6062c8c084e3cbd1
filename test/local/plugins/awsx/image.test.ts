import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestOf, Image } from "../../../../local/plugins/awsx/image";
import { record } from "../../../components/recorded";

describe("the stand-in of awsx.ecr.Image", () => {
  let context: string;
  const write = (file: string, text: string) => writeFileSync(join(context, file), text);

  beforeEach(async () => {
    await record();
    context = mkdtempSync(join(tmpdir(), "image-"));
    write("Dockerfile", "FROM node:22\nCOPY . .\n");
    write("server.js", "listen();");
  });
  afterEach(() => rmSync(context, { recursive: true }));

  it("calls an image by its repository and digest, as the real one does", async () => {
    const repositoryUrl = "123456789012.dkr.ecr.us-east-1.amazonaws.com/orders";
    const { state } = new Image("orders", { repositoryUrl, context, imageTag: "1.2.3" }, {});
    const uri = await (state["imageUri"] as pulumi.Output<string> & { promise(): Promise<string> }).promise();
    assert.equal(uri, `${repositoryUrl}@${digestOf({ context })}`);
    assert.match(uri, /@sha256:[0-9a-f]{64}$/);
  });
  it("has another digest when anything of it changes, and the same otherwise", () => {
    const before = digestOf({ context });
    assert.equal(digestOf({ context }), before);
    const digests = [digestOf({ context, platform: "linux/arm64" }), digestOf({ context, args: { VERSION: "2" } })];
    write("server.js", "listen(8080);");
    digests.push(digestOf({ context }));
    mkdirSync(join(context, "lib"));
    write("lib/a.js", "a();");
    digests.push(digestOf({ context }));
    assert.equal(new Set([before, ...digests]).size, 5);
  });
  it("doesn't count what is installed", () => {
    const before = digestOf({ context });
    mkdirSync(join(context, "node_modules"));
    write("node_modules/a.js", "a();");
    assert.equal(digestOf({ context }), before);
  });
  it("refuses what Docker could not begin to build", () => {
    assert.throws(() => digestOf({ context: join(context, "none") }), /none doesn't exist/);
    assert.throws(() => digestOf({ context, dockerfile: "no/Dockerfile" }), /there is no .*no\/Dockerfile/);
    write("Dockerfile", "# nothing yet\n");
    assert.throws(() => digestOf({ context }), /has no FROM/);
  });
});
