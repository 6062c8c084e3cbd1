import { ExampleResource, make, ref } from "../../policy/core/example";

/** A program that isn't this repository's, sound as it stands, and ways in which it would not be. */
export interface ForeignProgram {
  readonly what: string;
  readonly sound: readonly ExampleResource[];
  readonly broken: readonly {
    readonly what: string;
    readonly rule: string;
    readonly change: (sound: readonly ExampleResource[]) => readonly ExampleResource[];
  }[];
}

export const VPC = make("aws:ec2/vpc:Vpc", "main", { cidrBlock: "10.0.0.0/16" });
export const ZONES = ["a", "b", "c"];
export const subnet = (name: string, zone: string) =>
  make("aws:ec2/subnet:Subnet", `${name}-${zone}`, { vpcId: ref("main"), availabilityZone: `us-east-1${zone}` });
export const SUBNETS = [VPC, ...ZONES.map((zone) => subnet("app", zone))];
export const ALL = ZONES.map((zone) => ref(`app-${zone}`));
export const ONE = ALL.slice(0, 1);

/** Changes properties of resources of a type. */
export const change = (type: string, props: Record<string, unknown>) => (sound: readonly ExampleResource[]) =>
  sound.map((r) => (r.type === type ? { ...r, props: { ...r.props, ...props } } : r));
/** Changes properties of one resource. */
export const changeNamed = (name: string, props: Record<string, unknown>) => (sound: readonly ExampleResource[]) =>
  sound.map((r) => (r.name === name ? { ...r, props: { ...r.props, ...props } } : r));
/** Leaves out the last resource of a type. */
export const dropLast = (type: string) => (sound: readonly ExampleResource[]) => {
  const last = sound.map((r) => r.type).lastIndexOf(type);
  return sound.filter((_, i) => i !== last);
};
