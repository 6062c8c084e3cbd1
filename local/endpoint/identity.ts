/**
 * Who calls the endpoint, by access key. Deployed code has a key of its own, which names its role: on AWS it is the
 * session of a role that Lambda, or an instance profile, has assumed.
 */
export interface Identity {
  readonly type: "function" | "instance";
  /** Name of the role. */
  readonly role: string;
  /** Name of the session: the function's name, the instance's id. */
  readonly session: string;
}

/** What access keys of functions begin with. `run_ministack.py` gives them to the functions that it runs. */
export const FUNCTIONS = "function:";
/** What access keys of instances begin with. */
export const INSTANCES = "instance:";

/** The access key of a deployed function or of an instance. */
export const accessKey = ({ type, role, session }: Identity) => `${type}:${role}:${session}`;

/** Whose access key it is; `undefined` if it is nobody's that IAM limits: engine, plugins, drills. */
export function identityOf(key: string): Identity | undefined {
  const [type, role, session] = key.split(":");
  return (type === "function" || type === "instance") && role !== undefined && session !== undefined
    ? { type, role, session }
    : undefined;
}
