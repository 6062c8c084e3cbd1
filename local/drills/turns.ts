/** Something to do when its turn has come. */
export interface Turn<T> {
  /** Whether others go on meanwhile. */
  readonly aside: boolean;
  readonly take: () => Promise<T>;
}

/**
 * Takes turns, one after the other; from where they stand in the list on, those aside do the same meanwhile. All have ended
 * when this does.
 * @returns the results in the order of the list
 * @throws as a turn that failed; if it is not one aside, no other begins
 */
export async function takeTurns<T>(turns: readonly Turn<T>[]): Promise<T[]> {
  const results: Promise<T>[] = [];
  let aside: Promise<unknown> = Promise.resolve();
  try {
    for (const turn of turns) {
      const result = turn.aside ? aside.then(turn.take) : turn.take();
      results.push(result);
      if (turn.aside) {
        aside = result.catch(() => undefined);
      } else {
        await result;
      }
    }
  } finally {
    await aside;
  }
  return Promise.all(results);
}
