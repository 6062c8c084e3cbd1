import { records as account } from "./account";
import { records as appautoscaling } from "./appautoscaling";
import { records as autoscaling } from "./autoscaling";
import { records as cloudtrail } from "./cloudtrail";
import { records as cloudwatch } from "./cloudwatch";
import { records as dynamodb } from "./dynamodb";
import { records as ec2 } from "./ec2";
import { records as ecr } from "./ecr";
import { records as ecs } from "./ecs";
import { records as elasticache } from "./elasticache";
import { records as hostedZone } from "./hostedZone";
import { records as iam } from "./iam";
import { records as kms } from "./kms";
import { records as lambda } from "./lambda";
import { records as lb } from "./lb";
import { records as networkAcl } from "./networkAcl";
import { records as oam } from "./oam";
import { FunctionRecord, ResourceRecord, ServiceRecords } from "./record";
import { records as rds } from "./rds";
import { records as route53 } from "./route53";
import { records as s3 } from "./s3";
import { records as secretsmanager } from "./secretsmanager";
import { records as sesv2 } from "./sesv2";
import { records as sfn } from "./sfn";
import { records as sns } from "./sns";
import { records as sqs } from "./sqs";
import { records as vpc } from "./vpc";

/** One file a service; EC2 has three, Route 53 two. */
const SERVICES: readonly ServiceRecords[] = [
  account,
  appautoscaling,
  autoscaling,
  cloudtrail,
  cloudwatch,
  dynamodb,
  ec2,
  ecr,
  ecs,
  elasticache,
  hostedZone,
  iam,
  kms,
  lambda,
  lb,
  networkAcl,
  oam,
  rds,
  route53,
  s3,
  secretsmanager,
  sesv2,
  sfn,
  sns,
  sqs,
  vpc,
];

/** The resource types that the stand-in knows, by Pulumi token. */
export const RESOURCES: Readonly<Record<string, ResourceRecord>> = Object.assign(
  {},
  ...SERVICES.map((s) => s.resources),
);

/** The functions that the stand-in knows, by Pulumi token. */
export const FUNCTIONS: Readonly<Record<string, FunctionRecord>> = Object.assign(
  {},
  ...SERVICES.map((s) => s.functions ?? {}),
);
