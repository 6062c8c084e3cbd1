import { instance } from "@viz-js/viz";
import { DescribeStateMachineCommand, SFNClient } from "@aws-sdk/client-sfn";
import { ACCOUNT } from "../emulators/emulators";
import { Clients } from "../endpoint/clients";
import { deployedStack } from "../stacks/stackFiles";

interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly Record<string, unknown>[];
  readonly Catch?: readonly { readonly Next: string }[];
}

/** How each type of state is drawn. */
const SHAPES: Record<string, Record<string, string>> = {
  Task: { shape: "box", style: "rounded,filled", fillcolor: "#fff3e0" },
  Choice: { shape: "diamond", style: "filled", fillcolor: "#e3f2fd" },
  Wait: { shape: "box", style: "filled", fillcolor: "#eeeeee" },
  Pass: { shape: "box", style: "filled", fillcolor: "#eeeeee" },
  Succeed: { shape: "oval", style: "filled", fillcolor: "#e8f5e9" },
  Fail: { shape: "oval", style: "filled", fillcolor: "#ffebee" },
};

/** The deployed recovery state machine of a stack as an SVG picture. Dashed: where errors lead. */
export async function drawing(stack: string, clients: Clients): Promise<string> {
  const { region } = await deployedStack(stack);
  const sfn = clients.make(SFNClient, region);
  const stateMachineArn = `arn:aws:states:${region}:${ACCOUNT}:stateMachine:${stack}-recovery`;
  const { definition = "{}" } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
  const { StartAt, States } = JSON.parse(definition) as { StartAt: string; States: Record<string, State> };
  const viz = await instance();
  return viz.renderString(
    {
      graphAttributes: { rankdir: "TB", nodesep: 0.3, ranksep: 0.35 },
      nodeAttributes: { fontname: "Helvetica", fontsize: 11 },
      edgeAttributes: { fontname: "Helvetica", fontsize: 9 },
      nodes: [
        { name: "start", attributes: { shape: "point" } },
        ...Object.entries(States).map(([name, { Type }]) => ({ name, attributes: SHAPES[Type] ?? {} })),
      ],
      edges: [
        { tail: "start", head: StartAt },
        ...Object.entries(States).flatMap(([name, state]) => edges(name, state)),
      ],
    },
    { format: "svg" },
  );
}

function edges(tail: string, { Next, Default, Choices = [], Catch = [] }: State) {
  return [
    ...(Next === undefined ? [] : [{ tail, head: Next }]),
    ...Choices.map((choice) => ({ tail, head: String(choice["Next"]), attributes: { label: condition(choice) } })),
    ...(Default === undefined ? [] : [{ tail, head: Default, attributes: { label: "otherwise" } }]),
    ...Catch.map(({ Next: head }) => ({ tail, head, attributes: { style: "dashed", color: "#b71c1c" } })),
  ];
}

/** A choice's condition in a few words. */
function condition({ Next: _, And, Variable, ...comparison }: Record<string, unknown>): string {
  if (Array.isArray(And)) {
    const but = (And as Record<string, unknown>[]).find((c) => "StringEquals" in c);
    return but === undefined ? "all good" : `all good, but ${String(but["StringEquals"])}`;
  }
  const [[operator = "", value = ""] = []] = Object.entries(comparison);
  return operator === "NumericGreaterThanEquals" ? `${String(Variable).slice(2)} ≥ ${value}` : String(value);
}
