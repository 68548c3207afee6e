import type { ReleaseNotes } from './release-notes.ts';

/** Releases by file and date, as they have been told in this process: `2.36.7`. A file is asked once. */
const TOLD = new Map<string, Promise<string | undefined>>();

/** A program, and how it is asked for its release. */
export interface ReleaseQuestion {
  readonly path: string;
  readonly stamp: string;
  /** What other processes have been told. */
  readonly notes: ReleaseNotes | undefined;
  /** What a release of this program looks like. */
  readonly pattern: RegExp;
  readonly ask: () => Promise<string | undefined>;
}

/** The release of a program. A file that has not told it is asked again. */
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
