// What a task logs on to the session store with, instead of a password.
import { SignatureV4 } from "@smithy/signature-v4";
import { createHash, createHmac } from "node:crypto";

/** ElastiCache's limit. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html */
const VALID_SECONDS = 900;

class Sha256 {
  constructor(secret) {
    this.hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret);
  }
  update(data) {
    this.hash.update(data);
  }
  async digest() {
    return this.hash.digest();
  }
}

/** A token for one user of one store: a request to connect, signed by the task's role, without its scheme. */
export async function connectToken({ name, user, region, credentials }) {
  const signer = new SignatureV4({ service: "elasticache", region, credentials, sha256: Sha256 });
  const request = {
    method: "GET",
    protocol: "http:",
    hostname: name,
    path: "/",
    query: { Action: "connect", User: user },
    headers: { host: name },
  };
  const { query } = await signer.presign(request, { expiresIn: VALID_SECONDS });
  const text = Object.entries(query).map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`);
  return `${name}/?${text.join("&")}`;
}
