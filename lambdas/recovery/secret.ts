import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { failure } from "./task";

/**
 * The text of a secret, read anew each time: it is needed rarely, and may have been rotated.
 * @throws `NoSecret` if the secret holds no text.
 */
export async function readSecret(secretArn: string, secrets: SecretsManagerClient): Promise<string> {
  const { SecretString = "" } = await secrets.send(new GetSecretValueCommand({ SecretId: secretArn }));
  const text = SecretString.trim();
  if (text === "") {
    throw failure("NoSecret", `${secretArn} holds no text: store the token itself as its value`);
  }
  return text;
}
