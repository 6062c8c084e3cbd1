/**
 * The Regions whose keys for DKIM are below a domain of their own.
 * https://docs.aws.amazon.com/general/latest/gr/ses.html#ses_dkim_domains
 */
const OWN_DOMAIN = [
  ...["af-south-1", "ap-northeast-3", "ap-south-2", "ap-southeast-3", "ap-southeast-5", "ca-west-1"],
  ...["eu-central-2", "eu-south-1", "il-central-1", "me-central-1", "us-gov-east-1"],
];

/** The domain below which SES has a Region's keys. */
export const dkimDomain = (region: string): string =>
  OWN_DOMAIN.includes(region) ? `dkim.${region}.amazonses.com` : "dkim.amazonses.com";
