import { RDSClient } from "@aws-sdk/client-rds";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { clientConfig } from "../common/clientConfig";

/** The clients of the rotation, made once for each execution environment, and its way to let time pass. */
export function rotationClients() {
  return {
    rds: new RDSClient(clientConfig()),
    secrets: new SecretsManagerClient(clientConfig()),
    pause: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  };
}

export type RotationClients = ReturnType<typeof rotationClients>;
