/** A problem that is reported without a stack trace. */
export class UserError extends Error {
  /**
   * @param message what is wrong, where, and what to do
   * @param exitCode 2 for what the person at the keyboard can put right, 1 for a program or drill that doesn't hold
   */
  constructor(
    message: string,
    readonly exitCode = 2,
  ) {
    super(message);
  }
}
