import { mockClient } from "aws-sdk-client-mock";
import { create, remove, update } from "../../../../local/plugins/aws/lifecycle";
import { Props, ResourceRecord } from "../../../../local/plugins/aws/record";
import { RESOURCES } from "../../../../local/plugins/aws/services";

/** The record of a type that the stand-in has. */
export const recordOf = (type: string): ResourceRecord => RESOURCES[type] as ResourceRecord;

/** What an operation is answered, by its name, or how from its request. */
export type Answers = Readonly<Record<string, object | ((request: Props) => object)>>;

/** Runs something against a client that answers so, and returns the calls that it made: `[operation, request]`. */
async function callsOf(
  Client: Parameters<typeof mockClient>[0],
  answers: Answers,
  run: () => Promise<unknown>,
): Promise<[string, Props][]> {
  const mock = mockClient(Client);
  const name = (command: object) => command.constructor.name.replace(/Command$/, "");
  mock.onAnyCommand().callsFake((input: Props, _client, command = mock.calls().at(-1)?.args[0] as object) => {
    const answer = answers[name(command as object)] ?? {};
    return typeof answer === "function" ? (answer as (request: Props) => object)(input) : answer;
  });
  try {
    await run();
    return mock
      .calls()
      .map(({ args: [command] }) => [name(command), JSON.parse(JSON.stringify(command.input)) as Props]);
  } finally {
    mock.restore();
  }
}

/** The calls by which a resource is created, updated from one state to another, and deleted. */
export const lifecycleOf = (Client: Parameters<typeof mockClient>[0], type: string, answers: Answers) => ({
  created: (inputs: Props) =>
    callsOf(Client, answers, () => create(type, recordOf(type), { __name: "one", ...inputs })),
  updated: (olds: Props, news: Props) =>
    callsOf(Client, answers, () => update(type, recordOf(type), olds, { id: olds["id"], ...news })),
  removed: (props: Props) => callsOf(Client, answers, () => remove(recordOf(type), props)),
});
