import { matchesWildcard } from "./wildcard";

/** A rule of a load balancer's listener, as AWS describes it. */
export interface DescribedRule {
  /** A number, or `default`. */
  readonly Priority?: string | undefined;
  readonly Conditions?:
    | readonly {
        readonly Field?: string | undefined;
        readonly HostHeaderConfig?: { readonly Values?: readonly string[] | undefined } | undefined;
        readonly PathPatternConfig?: { readonly Values?: readonly string[] | undefined } | undefined;
      }[]
    | undefined;
  readonly Actions?:
    | readonly {
        readonly Type?: string | undefined;
        readonly TargetGroupArn?: string | undefined;
        readonly ForwardConfig?:
          | { readonly TargetGroups?: readonly { readonly TargetGroupArn?: string | undefined }[] | undefined }
          | undefined;
      }[]
    | undefined;
}

/** What of a request rules look at. */
export interface RuledRequest {
  readonly host: string;
  readonly path: string;
}

/**
 * The target groups that a listener sends a request to: none if it answers by itself. Rules are tried by their priority,
 * the default one last, and all of a rule's conditions have to be met.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html: hosts are compared
 * without regard to case, paths with.
 */
export function targetGroupsFor(rules: readonly DescribedRule[], request: RuledRequest): string[] {
  const place = ({ Priority }: DescribedRule) => (Priority === "default" ? Infinity : Number(Priority));
  const rule = [...rules].sort((a, b) => place(a) - place(b)).find((one) => matches(one, request));
  const groups = (rule?.Actions ?? [])
    .filter(({ Type }) => Type === "forward")
    .flatMap(({ ForwardConfig, TargetGroupArn }) => [
      TargetGroupArn,
      ...(ForwardConfig?.TargetGroups ?? []).map((one) => one.TargetGroupArn),
    ]);
  return [...new Set(groups)].filter((arn) => arn !== undefined);
}

/** @throws if a condition is neither of a host nor of a path */
function matches({ Conditions = [] }: DescribedRule, { host, path }: RuledRequest): boolean {
  return Conditions.every(({ Field, HostHeaderConfig, PathPatternConfig }) => {
    switch (Field) {
      case "host-header":
        return HostHeaderConfig?.Values?.some((value) => matchesWildcard(value.toLowerCase(), host.toLowerCase()));
      case "path-pattern":
        return PathPatternConfig?.Values?.some((value) => matchesWildcard(value, path));
      default:
        throw new Error(`it isn't known here which requests meet a condition of ${Field}`);
    }
  });
}
