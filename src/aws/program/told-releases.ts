import type { ReleaseNotes } from './release-notes.ts';

/** The releases that programs have told in this process (`2.36.7`), by file and date. A program is asked once. */
const TOLD = new Map<string, Promise<string | undefined>>();

/** A program, and how to ask it for its release. */
export interface ReleaseQuestion {
  readonly path: string;
  readonly stamp: string;
  /** The releases that other processes have written down. */
  readonly notes: ReleaseNotes | undefined;
  /** The form of a release of this program. */
  readonly pattern: RegExp;
  readonly ask: () => Promise<string | undefined>;
}

/** The release of a program. A program that has not told it is asked again. */
export async function askOnce(question: ReleaseQuestion): Promise<string | undefined> {
  const key = `${question.path}\n${question.stamp}`;
  const asked = TOLD.get(key) ?? fromNotes(question);
  TOLD.set(key, asked);
  const release = await asked;
  if (release === undefined) TOLD.delete(key);
  return release;
}

async function fromNotes({ path, stamp, notes, pattern, ask }: ReleaseQuestion): Promise<string | undefined> {
  const noted = await notes?.read(path, stamp);
  if (noted !== undefined && pattern.test(noted)) return noted;
  const release = await ask();
  if (release !== undefined) await notes?.write(path, stamp, release);
  return release;
}
