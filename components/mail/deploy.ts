import { Foundation, StackOutputs } from "../common/foundation";
import { MailDomain, MailDomainArgs } from "./mailDomain";

/** Mail as configured. */
export interface MailConfig extends Omit<MailDomainArgs, keyof Foundation["shared"] | "mail" | "partner"> {
  /** What services call it. */
  readonly name: string;
}

/** A stack's `mail`, offered to services by name. */
export function deployMail(mails: readonly MailConfig[], { connections, partner, shared }: Foundation): StackOutputs {
  const deployed = mails.map(({ name, ...args }) => {
    const domain = new MailDomain(`${name}-mail`, { ...args, ...shared, mail: name, partner });
    connections.mail.offer(name, domain.offering);
    return [name, domain.feedbackTopicArn] as const;
  });
  return { mailFeedbackTopicArns: Object.fromEntries(deployed) };
}
