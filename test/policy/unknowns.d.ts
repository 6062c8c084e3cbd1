/** Wraps properties the way the engine's analyzer does: reading an unknown one throws. */
export function unknownCheckingProxy<T extends object>(props: T): T;
/** What a text is that a preview can't know. */
export const unknownStringValue: string;
