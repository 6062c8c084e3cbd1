import { client, Props, ServiceRecords } from "./record";

const dynamodb = client("dynamodb");

const keySchema = (p: Props) => [
  { AttributeName: p["hashKey"], KeyType: "HASH" },
  ...(p["rangeKey"] ? [{ AttributeName: p["rangeKey"], KeyType: "RANGE" }] : []),
];

export const records: ServiceRecords = {
  resources: {
    "aws:dynamodb/table:Table": {
      autoName: "name",
      create: [
        dynamodb(
          "CreateTable",
          (p) => ({
            TableName: p["name"],
            BillingMode: p["billingMode"],
            AttributeDefinitions: p["attributes"].map((a: Props) => ({
              AttributeName: a["name"],
              AttributeType: a["type"],
            })),
            KeySchema: keySchema(p),
          }),
          (a, p) => ({ id: p["name"], arn: a.TableDescription.TableArn }),
        ),
        dynamodb("UpdateTimeToLive", (p) =>
          p["ttl"]
            ? {
                TableName: p["name"],
                TimeToLiveSpecification: { AttributeName: p["ttl"].attributeName, Enabled: true },
              }
            : undefined,
        ),
      ],
      delete: [dynamodb("DeleteTable", (p) => ({ TableName: p["id"] }))],
      replaceOn: ["name", "hashKey", "rangeKey"],
    },
  },
};
