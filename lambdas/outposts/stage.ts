/**
 * What people have been told of an outage, in the order in which it can come. Of one outage nothing is told twice, and
 * nothing that comes before what has been told.
 */
const STAGES = ["unproven", "both down", "incomplete", "relaunched", "not served", "back"] as const;

/** How far an outage has come. */
export interface Stage {
  /** The outage: when the source's alarm went off. */
  readonly outage: string;
  readonly name: (typeof STAGES)[number];
}

/** Subject of the state table under which the stage is remembered. */
export const STAGE = "outage";

/** A stage as the state table keeps it. */
export const stageText = ({ outage, name }: Stage) => `${outage} ${name}`;

/** The stage that a text says, if it says one. */
export function stageOf(text: string | undefined): Stage | undefined {
  const [outage = "", ...words] = (text ?? "").split(" ");
  const name = STAGES.find((stage) => stage === words.join(" "));
  return name && { outage, name };
}

/** Whether people who were told one stage are to be told another. */
export function isNews(stage: Stage, told: Stage | undefined): boolean {
  return (
    told === undefined ||
    stage.outage > told.outage ||
    (stage.outage === told.outage && STAGES.indexOf(stage.name) > STAGES.indexOf(told.name))
  );
}
