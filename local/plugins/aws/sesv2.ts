import { arn, client, Props, reader, recorded, ServiceRecords, tagged } from "./record";

const ses = client("sesv2");
const read = reader("sesv2");

const tagging = tagged("sesv2", { arn: "ResourceArn" });

export const records: ServiceRecords = {
  resources: {
    "aws:sesv2/emailIdentity:EmailIdentity": {
      key: { emailIdentity: "EmailIdentity" },
      create: [
        ses("CreateEmailIdentity", {
          outputs: {
            id: (_answer, p) => p["emailIdentity"],
            identityType: "IdentityType",
            verifiedForSendingStatus: (answer) => answer.VerifiedForSendingStatus ?? false,
            // The provider gives the tokens where it takes keys of one's own.
            dkimSigningAttributes: ({ DkimAttributes: dkim }) => ({
              status: dkim.Status,
              tokens: dkim.Tokens,
              signingAttributesOrigin: dkim.SigningAttributesOrigin,
            }),
          },
        }),
      ],
      update: [ses("PutEmailIdentityConfigurationSetAttributes", { of: ["configurationSetName"] })],
      delete: [ses("DeleteEmailIdentity")],
      read: [read("GetEmailIdentity", "")],
      notRead: { configurationSetName: "ministack doesn't keep it" },
      tagging,
      outputs: { arn: (p) => arn("ses", `identity/${p["emailIdentity"]}`, p["region"]) },
      replaceOn: ["emailIdentity"],
    },
    "aws:sesv2/configurationSet:ConfigurationSet": {
      key: { configurationSetName: "ConfigurationSetName" },
      create: [ses("CreateConfigurationSet")],
      update: [
        ses("PutConfigurationSetDeliveryOptions", { of: ["deliveryOptions"], within: "" }),
        ses("PutConfigurationSetReputationOptions", { of: ["reputationOptions"] }),
      ],
      delete: [ses("DeleteConfigurationSet")],
      read: [read("GetConfigurationSet", "")],
      tagging,
      outputs: {
        id: (p) => p["configurationSetName"],
        arn: (p) => arn("ses", `configuration-set/${p["configurationSetName"]}`, p["region"]),
      },
      replaceOn: ["configurationSetName"],
    },
    "aws:sesv2/configurationSetEventDestination:ConfigurationSetEventDestination": {
      key: { configurationSetName: "ConfigurationSetName", eventDestinationName: "EventDestinationName" },
      create: [ses("CreateConfigurationSetEventDestination")],
      update: [ses("UpdateConfigurationSetEventDestination")],
      delete: [ses("DeleteConfigurationSetEventDestination")],
      read: [
        read("GetConfigurationSetEventDestinations", "EventDestinations.0", {
          as: (a, p) => a.EventDestinations?.find((one: Props) => one["Name"] === p["eventDestinationName"]),
          also: (found) => ({
            eventDestination: {
              enabled: found["Enabled"],
              matchingEventTypes: found["MatchingEventTypes"],
              snsDestination: { topicArn: found["SnsDestination"]?.TopicArn },
            },
          }),
        }),
      ],
      outputs: { id: (p) => `${p["configurationSetName"]}|${p["eventDestinationName"]}` },
      replaceOn: ["configurationSetName", "eventDestinationName"],
    },
    // ministack knows no MAIL FROM domain.
    "aws:sesv2/emailIdentityMailFromAttributes:EmailIdentityMailFromAttributes": recorded(),
  },
};
