import { Rule, Target } from "@aws-sdk/client-eventbridge";
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  HistoryEvent,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { setTimeout as sleep } from "node:timers/promises";
import { Clients } from "../endpoint/clients";
import { TargetPermissions } from "./permissions";

/** An execution of a state machine that has ended. */
export interface Execution {
  readonly arn: string;
  readonly input: string;
  /** `SUCCEEDED`, or how it failed. */
  readonly status: string;
  /** The states that it went through, in order. */
  readonly states: readonly string[];
  /** All that it remembers: input and output of every state, errors and causes. */
  readonly history: string;
}

/** Milliseconds after which an execution is given up: no measure of anything, since machines may be slow, but an end. */
const TIMEOUT_MS = 600_000;
/** Milliseconds between two looks at an execution. */
const POLL_MS = 25;

/** Runs deployed state machines, as EventBridge would. */
export class StateMachines {
  private readonly sfn: SFNClient;
  private readonly permissions: TargetPermissions;

  constructor(region: string, clients: Clients) {
    this.sfn = clients.make(SFNClient, region);
    this.permissions = new TargetPermissions(region, clients);
  }

  /** Starts an execution by the target's role, and waits for its end. */
  async start(
    rule: Rule,
    target: Target,
    input: string,
  ): Promise<{ error: string | undefined; execution?: Execution }> {
    const refused = await this.permissions.refusesStateMachine(rule, target);
    if (refused !== undefined) {
      return { error: refused };
    }
    const execution = await this.run(target.Arn ?? "", input);
    return { error: execution.status === "SUCCEEDED" ? undefined : `the execution ${execution.status}`, execution };
  }

  /** Runs an execution to its end. */
  async run(stateMachineArn: string, input: string): Promise<Execution> {
    const { executionArn = "" } = await this.sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
    const deadline = Date.now() + TIMEOUT_MS;
    for (;;) {
      const { status = "" } = await this.sfn.send(new DescribeExecutionCommand({ executionArn }));
      if (status !== "RUNNING") {
        const events = await this.history(executionArn);
        const states = events.flatMap((e) => e.stateEnteredEventDetails?.name ?? []);
        return { arn: executionArn, input, status, states, history: JSON.stringify(events) };
      }
      if (Date.now() > deadline) {
        throw new Error(`${executionArn} doesn't end within ${TIMEOUT_MS / 1000} s`);
      }
      await sleep(POLL_MS);
    }
  }

  private async history(executionArn: string): Promise<HistoryEvent[]> {
    const events: HistoryEvent[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, nextToken }));
      events.push(...(page.events ?? []));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return events;
  }
}
