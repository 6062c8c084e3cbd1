/** What of a stack the systems in it depend on, as far as it is known. */
export interface StackFacts {
  /** How many Availability Zones its network has. */
  readonly zones?: number;
  readonly region?: string;
  /** The ports of its public subnets that its network ACLs let in. */
  readonly publicPorts?: readonly number[];
}

/** The ports that a balancer on the Internet listens on. */
export const balancerPorts = (certificateArn?: string): number[] => (certificateArn === undefined ? [80] : [80, 443]);

/** What is reached from the Internet has to be let in by the stack's network ACLs. */
export function checkPorts(ports: readonly number[], stack: StackFacts, problem: (message: string) => void): void {
  const closed = ports.filter((port) => stack.publicPorts?.includes(port) === false);
  if (closed.length > 0) {
    problem(`expected ${closed.join(" and ")} among network.networkAcls.publicPorts: nobody could reach it there`);
  }
}

/** Balancers take certificates of their own Region only. */
export function checkCertificate(
  certificateArn: string | undefined,
  stack: StackFacts,
  problem: (message: string) => void,
): void {
  const region = certificateArn?.split(":")[3];
  if (region !== undefined && stack.region !== undefined && region !== stack.region) {
    problem(`expected a certificate of the stack's Region ${stack.region}, not of ${region}`);
  }
}
