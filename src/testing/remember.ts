/** The number of entries that a log keeps. */
const REMEMBERED = 10_000;

/** Appends to a log and drops its oldest entry when it is full. */
export function remember<T>(log: T[], entry: T): void {
  log.push(entry);
  if (log.length > REMEMBERED) log.shift();
}
