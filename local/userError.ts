/** A problem that the person at the keyboard can solve: reported without a stack trace, exit code 2. */
export class UserError extends Error {}
