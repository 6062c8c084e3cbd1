// The two AWS CLI commands of the boot script, sent to the endpoint. It doesn't check signatures, only reads the scope.
const { appendFileSync } = require("node:fs");
const { randomUUID } = require("node:crypto");
const [service, command, ...options] = process.argv.slice(2);
appendFileSync(`${process.env.BOOT_DIR}/journal`, `aws ${process.argv.slice(2).join(" ")}\n`);
const pascal = (text) => text.replace(/(?:^-*|-)(\w)/g, (_, letter) => letter.toUpperCase());
const body = new URLSearchParams({ Action: pascal(command), Version: service === "ec2" ? "2016-11-15" : "2011-01-01" });
for (let i = 0; i < options.length; i += 2) {
  body.set(pascal(options[i]), options[i + 1]);
}
const scope = `INSTANCE/20260101/${process.env.AWS_DEFAULT_REGION}/${service}/aws4_request`;
fetch(process.env.AWS_ENDPOINT_URL, {
  method: "POST",
  headers: {
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
    "amz-sdk-invocation-id": randomUUID(),
  },
  body,
}).then(
  (response) => (process.exitCode = response.ok ? 0 : 254),
  () => (process.exitCode = 255),
);
