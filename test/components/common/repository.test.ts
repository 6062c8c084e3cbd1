import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publicUrl, repositoryUrl } from "../../../components/common/repository";

describe("the repository that resources are tagged with", () => {
  it("is the same however it was cloned, and without credentials", () => {
    const remotes = [
      "https://git.example.com/org/infra.git",
      "https://user:s3cret@git.example.com/org/infra",
      "https://ghp_s3cret@git.example.com/org/infra.git/",
      "https://p@ss:w@rd@git.example.com/org/infra",
      "https://git.example.com/org/infra.git?token=s3cret#s3cret",
      "git@git.example.com:org/infra.git",
      "git.example.com:org/infra",
      "ssh://git@git.example.com:2222/org/infra.git",
      "git://git.example.com/org/infra.git",
    ];
    for (const remote of remotes) {
      assert.equal(publicUrl(remote), "https://git.example.com/org/infra", remote);
    }
  });
  it("has only characters that AWS allows in tags", () => {
    assert.equal(publicUrl("https://git.example.com/~me/a b%20c.git"), "https://git.example.com/_me/a b_20c");
    assert.equal(publicUrl(`https://git.example.com/${"a".repeat(300)}`)?.length, 256);
  });
  it("is none if it is a folder of this machine", () => {
    for (const remote of ["/srv/git/infra.git", "../infra", "file:///srv/git/infra.git", ""]) {
      assert.equal(publicUrl(remote), undefined, remote);
    }
  });

  describe("in a folder", () => {
    let folder: string;
    const git = (...args: string[]) => execFileSync("git", args, { cwd: folder });
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "nplusone-repository-"))));
    afterEach(() => rmSync(folder, { recursive: true }));

    it("is the remote called origin", () => {
      git("init", "-q");
      git("remote", "add", "origin", "git@git.example.com:org/infra.git");
      assert.deepEqual(repositoryUrl(folder), { repositoryUrl: "https://git.example.com/org/infra" });
    });
    it("is none without a remote, outside a repository and without git", () => {
      assert.deepEqual(repositoryUrl(folder), {});
      git("init", "-q");
      assert.deepEqual(repositoryUrl(folder), {});
      const path = process.env["PATH"];
      process.env["PATH"] = folder;
      try {
        assert.deepEqual(repositoryUrl(folder), {});
      } finally {
        process.env["PATH"] = path;
      }
    });
  });
});
