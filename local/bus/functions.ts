import { Rule, Target } from "@aws-sdk/client-eventbridge";
import { GetFunctionConcurrencyCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { Clients } from "../endpoint/clients";
import { Outcome, runAsynchronously } from "./asynchronous";
import { TargetPermissions } from "./permissions";

/** Seconds, of the played time, that a run takes; what matters is that others come meanwhile. */
const RUN_SECONDS = 1;

/** Runs deployed functions asynchronously, as Lambda does for EventBridge. */
export class Functions {
  private readonly lambda: LambdaClient;
  private readonly permissions: TargetPermissions;

  constructor(region: string, clients: Clients) {
    this.lambda = clients.make(LambdaClient, region);
    this.permissions = new TargetPermissions(region, clients);
  }

  /**
   * Delivers events that arrive at once, as far as the rule may: see `runAsynchronously`.
   * @param freeRuns how many runs the account's other functions leave this one
   */
  async deliver(rule: Rule, target: Target, inputs: readonly string[], freeRuns: number): Promise<Outcome[]> {
    const error = await this.permissions.refusesFunction(rule, target);
    if (error !== undefined) {
      return inputs.map(() => ({ error, waitedSeconds: 0 }));
    }
    const { ReservedConcurrentExecutions: concurrency = freeRuns } = await this.lambda.send(
      new GetFunctionConcurrencyCommand({ FunctionName: target.Arn }),
    );
    const invoke = (input: string) => this.invoke(target, input);
    return runAsynchronously({ concurrency, runSeconds: RUN_SECONDS, invoke }, inputs);
  }

  private async invoke({ Arn }: Target, input: string): Promise<string | undefined> {
    const { FunctionError, Payload } = await this.lambda.send(
      new InvokeCommand({ FunctionName: Arn, Payload: Buffer.from(input) }),
    );
    return FunctionError && Buffer.from(Payload ?? []).toString();
  }
}
