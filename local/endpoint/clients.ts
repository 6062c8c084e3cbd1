import { REHEARSAL_KEY } from "../emulators/emulators";
import { Endpoint } from "./endpoint";

interface ClientConfig {
  readonly region: string;
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Makes SDK clients that speak to the endpoint, under the rehearsal's own access key unless told otherwise. */
export class Clients {
  constructor(readonly endpoint: Endpoint) {}

  make<T>(Client: new (config: ClientConfig) => T, region: string, accessKeyId = REHEARSAL_KEY): T {
    return new Client({ region, endpoint: this.endpoint.url, credentials: { accessKeyId, secretAccessKey: "local" } });
  }
}
