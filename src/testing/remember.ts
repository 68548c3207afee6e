/** How many entries a log keeps. */
const REMEMBERED = 10_000;

/** Appends to a log, dropping the oldest entry where it becomes too long. */
export function remember<T>(log: T[], entry: T): void {
  log.push(entry);
  if (log.length > REMEMBERED) log.shift();
}
