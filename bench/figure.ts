/** A figure, beside the same work done the plain way in the same run. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly here: number;
  /** The plain way's figure. @default there is no plain way of doing it */
  readonly plain?: number;
  /** At most so much. */
  readonly target: number;
}

/** Whether a figure meets its target. One that was not measured doesn't. */
export const isMet = ({ here, target }: Figure): boolean => here <= target;
