import { PolicyResource } from "@pulumi/policy";
import { Graph, SUBNET_TYPES } from "./graph";
import { at, items, known, UNKNOWN } from "./unknown";

/**
 * Over how many Availability Zones something is spread. In a preview ids are unknown, and a list of them says only how
 * many there are and which subnets the program made it from: so this is a range.
 */
export interface Spread {
  /** Zones that it is in, whatever is still unknown. */
  readonly atLeast: number;
  /** Zones that it can be in at most. */
  readonly atMost: number;
  /** The zones that are known. */
  readonly zones: readonly string[];
  /** What keeps it from being determined, for people; empty if `atLeast` and `atMost` are one. */
  readonly open: readonly string[];
}

/** A zone by name or id (`use1-az1`), or `undefined` if it can't be known. */
export type Zone = string | undefined;

/** The zone of a subnet, or of anything else that says in which zone it is. */
export function zoneOf(resource: PolicyResource): Zone {
  return (
    known(() => resource.props["availabilityZone"] as string | undefined) ??
    known(() => resource.props["availabilityZoneId"] as string | undefined)
  );
}

/**
 * Judges a list of which some elements are known, and the others are drawn from candidates. AWS takes each subnet of a
 * list once, so the drawn ones are different from each other.
 * @param fixed zones of the elements that are known
 * @param drawn how many elements are not known
 * @param candidates zones of the subnets that these can be
 */
export function spreadOf(fixed: readonly Zone[], drawn: number, candidates: readonly Zone[]): Spread {
  const taken = new Set(fixed.filter((z) => z !== undefined));
  // More elements than candidates: some come from elsewhere.
  const known = Math.min(drawn, candidates.length);
  const unclear = fixed.filter((z) => z === undefined).length + drawn - known;
  const sizes = new Map<string, number>();
  candidates.forEach((z) => z !== undefined && sizes.set(z, (sizes.get(z) ?? 0) + 1));
  const clueless = candidates.filter((z) => z === undefined).length;
  // As crowded as can be: zones that are taken anyway and candidates without a zone first, then the fullest zones.
  let left = known - clueless - [...taken].reduce((sum, z) => sum + (sizes.get(z) ?? 0), 0);
  let more = 0;
  const others = [...sizes].filter(([z]) => !taken.has(z)).map(([, size]) => size);
  for (const size of others.sort((a, b) => b - a)) {
    if (left <= 0) {
      break;
    }
    left -= size;
    more++;
  }
  // As spread out as can be: each in a zone of its own.
  const fresh = Math.min(known, others.length + clueless);
  const atLeast = Math.max(taken.size + more, fixed.length + drawn > 0 ? 1 : 0);
  return { atLeast, atMost: Math.max(atLeast, taken.size + unclear + fresh), zones: [...taken].sort(), open: [] };
}

/** The spread of what properties list: subnets (by reference or id) and zones (by name). */
export function spread(
  graph: Graph,
  resource: PolicyResource,
  { subnets = [], zones = [] }: { readonly subnets?: readonly string[]; readonly zones?: readonly string[] },
): Spread {
  const parts = [
    ...subnets.map((path) => listedSubnets(graph, resource, path)),
    ...zones.map((path) => listedZones(resource, path)),
  ];
  const fixed = parts.flatMap((p) => p.fixed);
  const drawn = parts.reduce((sum, p) => sum + p.drawn, 0);
  const candidates = parts.flatMap((p) => p.candidates);
  const open = parts.flatMap((p) => p.open);
  const judged = spreadOf(fixed, drawn, candidates);
  const endless = parts.some((p) => p.endless);
  const atMost = endless ? Math.max(judged.atMost, new Set([...fixed, ...candidates]).size, 2) : judged.atMost;
  return { ...judged, atMost, open: judged.atLeast === atMost ? [] : open };
}

interface Listed {
  readonly fixed: readonly Zone[];
  readonly drawn: number;
  readonly candidates: readonly Zone[];
  /** Not even the length is known. */
  readonly endless: boolean;
  readonly open: readonly string[];
}

function listedZones(resource: PolicyResource, path: string): Listed {
  const list = items(() => at(resource.props, path) as string | string[] | undefined);
  if (list === UNKNOWN) {
    return { fixed: [], drawn: 0, candidates: [], endless: true, open: [`${path} isn't known before the update`] };
  }
  const unknown = list.some((z) => z === UNKNOWN) ? [`an element of ${path} isn't known before the update`] : [];
  return {
    fixed: list.map((z) => (z === UNKNOWN ? undefined : z)),
    drawn: 0,
    candidates: [],
    endless: false,
    open: unknown,
  };
}

function listedSubnets(graph: Graph, resource: PolicyResource, path: string): Listed {
  const [property = path, ...rest] = path.split(".");
  const made = graph.dependencies(resource, property, ...SUBNET_TYPES);
  const elements = elementsAt(resource, property, rest);
  const zonesOf = (subnets: readonly PolicyResource[]) => subnets.map(zoneOf);
  const noZone = made
    .filter((s) => zoneOf(s) === undefined)
    .map((s) => `the zone of ${s.name} isn't known: set its availabilityZone`);
  if (elements === UNKNOWN) {
    const open = [
      `${path} isn't known before the update: list its elements ([ids[0], ids[1]]), or see the update's verdict`,
    ];
    // One subnet that it is made from is all that it can hold.
    return made.length === 1
      ? { fixed: zonesOf(made), drawn: 0, candidates: [], endless: false, open: noZone }
      : { fixed: [], drawn: made.length > 0 ? 1 : 0, candidates: zonesOf(made), endless: true, open };
  }
  const found = elements.map((id) => (id === UNKNOWN ? UNKNOWN : graph.byId(id, ...SUBNET_TYPES)));
  const owned = found.filter((s): s is PolicyResource => s !== UNKNOWN && s !== undefined);
  const foreign = elements.filter((_, i) => found[i] === undefined).map(String);
  const drawn = found.filter((s) => s === UNKNOWN).length;
  const candidates = made.filter((s) => !owned.includes(s));
  // As many as there are candidates: these are they.
  const all = drawn === candidates.length;
  return {
    fixed: [...zonesOf(owned), ...foreign.map(() => undefined), ...(all ? zonesOf(candidates) : [])],
    drawn: all ? 0 : drawn,
    candidates: all ? [] : zonesOf(candidates),
    endless: false,
    open: [
      ...foreign.map((id) => `${id} isn't this stack's: read it by aws.ec2.Subnet.get, which tells its zone`),
      ...(drawn > 0 && !all ? [`which subnets ${path} lists isn't known before the update`] : []),
      ...noZone,
    ],
  };
}

/** The elements of a list that may stand in blocks: `subnetMappings.subnetId` is one id of each mapping. */
function elementsAt(resource: PolicyResource, property: string, rest: readonly string[]): Elements {
  const blocks = items(() => resource.props[property] as unknown);
  if (blocks === UNKNOWN || rest.length === 0) {
    return blocks as Elements;
  }
  const inner = blocks.map((block): Elements =>
    block === UNKNOWN
      ? UNKNOWN
      : items(() => at(block as Record<string, unknown>, rest.join(".")) as string | string[] | undefined),
  );
  return inner.length === 1 && inner[0] === UNKNOWN
    ? UNKNOWN
    : inner.flatMap((list): (string | typeof UNKNOWN)[] => (list === UNKNOWN ? [UNKNOWN] : list));
}

type Elements = (string | typeof UNKNOWN)[] | typeof UNKNOWN;
