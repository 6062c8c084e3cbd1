/** Says on standard error what is being done; results go to standard output. */
export function progress(what: string): void {
  process.stderr.write(`▸ ${what}\n`);
}
