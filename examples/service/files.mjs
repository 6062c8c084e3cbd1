// Files of users: written to this Region's bucket, from which S3 copies them to the other Region's.
import { GetObjectCommand, HeadBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";

/** S3 answers in milliseconds, or is asked again. */
const CLIENT = { maxAttempts: 3, requestHandler: { connectionTimeout: 1000, requestTimeout: 5000 } };

export class Files {
  #own;
  #partner;

  /** @param settings `bucket` and `region` of this Region, and as `partner` the other Region's, if there is one */
  constructor({ bucket, region, partner }) {
    this.#own = { bucket, s3: new S3Client({ ...CLIENT, region }) };
    this.#partner = partner && { bucket: partner.bucket, s3: new S3Client({ ...CLIENT, region: partner.region }) };
  }

  async write(key, body, contentType) {
    const { bucket: Bucket, s3 } = this.#own;
    await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: body, ContentType: contentType }));
  }

  /**
   * A file, from this Region; from the other one if it isn't here yet, or S3 fails here. `undefined` if it is in neither.
   */
  async read(key) {
    try {
      const found = await read(this.#own, key);
      if (found !== undefined || this.#partner === undefined) {
        return found;
      }
    } catch (error) {
      if (this.#partner === undefined) {
        throw error;
      }
      console.error(`files: ${error.message}; the other Region is asked`);
    }
    return read(this.#partner, key);
  }

  /** Whether this Region's bucket can be reached. */
  async check() {
    const { bucket: Bucket, s3 } = this.#own;
    await s3.send(new HeadBucketCommand({ Bucket }));
  }
}

async function read({ bucket: Bucket, s3 }, Key) {
  try {
    const { Body, ContentType } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    return { body: Body, contentType: ContentType };
  } catch (error) {
    if (error.name === "NoSuchKey") {
      return undefined;
    }
    throw error;
  }
}
