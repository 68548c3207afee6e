import {
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { HitWorld } from './hit-case.ts';

/** What can happen to a world. */
export type Change = (world: HitWorld) => void;

/** Changes the text of the entry and nothing else: its date stays. */
export function edit(change: (text: string) => string): Change {
  return ({ entry }) => {
    const before = readFileSync(entry, 'latin1');
    const after = change(before);
    if (after === before) throw new Error('the edit changed nothing');
    const { atime, mtime } = statSync(entry);
    writeFileSync(entry, after, 'latin1');
    utimesSync(entry, atime, mtime);
  };
}

/** Sets one of our fields, counted from 0: version, identity, command, flags, host, boot, uptime, … */
export function setField(field: number, value: string): Change {
  return edit((text) =>
    text.replace(/(?<="ekspress":")[^"]*/, (meta) => {
      const fields = meta.split(';');
      fields[field] = value;
      return fields.join(';');
    }),
  );
}

/** Prolongs every time of the entry, so that it agrees with itself. */
export const prolong: Change = edit((text) => {
  const until = Number(text.split(';')[9]);
  const stamp = (seconds: number): string => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
  const longer = (field: string): string => `${Number(field) + 60}`;
  return text
    .replaceAll(stamp(until), stamp(until + 60))
    .replace(/(?<=(?:[^;]*;){7})\d+/, longer)
    .replace(/(?<=^(?:[^;]*;){9})\d+/, longer)
    .replace(/(?<=^(?:[^;]*;){10})\d+/, longer);
});

/** Dates a file, in Unix time. */
export function date(path: string, seconds: number): void {
  utimesSync(path, seconds, seconds);
}

/** A Unix time, which is not a whole second: such a date counts as given. */
export function secondsAgo(seconds: number): number {
  return Math.floor(Date.now() / 1000) - seconds + 0.123;
}

/** Puts a file there that has been there for an hour. */
export function oldFile(path: string, text = 'text\n'): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  date(path, secondsAgo(3600));
  return path;
}

/** `~/.aws/credentials` as a link to a file of this name elsewhere in the home. */
export function linkCredentials({ home, credentials }: HitWorld, name: string): void {
  date(oldFile(join(home, 'real', name), name), secondsAgo(1800));
  rmSync(credentials);
  symlinkSync(join('../real', name), credentials);
}

/** `~/.aws/from-store` as a link into a store whose files all have the same date. */
export function linkIntoStore({ home }: HitWorld, name: string): void {
  const stored = oldFile(join(home, 'store', name), name);
  date(stored, 1);
  const link = join(home, '.aws/from-store');
  rmSync(link, { force: true });
  symlinkSync(stored, link);
}

/** Dates every folder of the home as if nothing had been put there for an hour. */
export function ageFolders({ home }: Pick<HitWorld, 'home'>): void {
  for (const entry of readdirSync(home, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) date(join(entry.parentPath, entry.name), Date.now() / 1000 - 3600.5);
  }
  date(home, Date.now() / 1000 - 3600.5);
}

/** Removes one stamp of a source; the side is `-` or `+`. */
export function removeStamp({ directory, credentials }: HitWorld, side: string): void {
  const { mtimeNs } = statSync(credentials, { bigint: true });
  rmSync(join(directory, 'stamps', `${mtimeNs}${side}`));
}

/** Moves what is there aside and leaves a link to it. */
export function replaceByLink(path: string): void {
  renameSync(path, `${path}.real`);
  symlinkSync(`${path}.real`, path);
}

/** Hands a file to `nobody`. */
export function giveAway(path: string): void {
  chownSync(path, 65534, 65534);
}
