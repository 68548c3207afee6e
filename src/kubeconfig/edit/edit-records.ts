import { createHash } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { EkspressHome } from '../../plugin/ekspress-home.ts';
import { isVariableName } from '../../plugin/plugin-hints.ts';
import { makeFolder } from '../../system/make-folder.ts';
import { isMapping } from '../../system/mapping.ts';
import { readText } from '../../system/read-file.ts';
import { replaceFile } from '../../system/replace-file.ts';
import type { ExecValue } from './edit-values.ts';

/** The users of one kubeconfig that were applied. Without a record only the word "drifted" in the status is missing. */
export interface AppliedRecord {
  /** The real path of the file. */
  readonly file: string;
  /** The backup from before the first change. */
  readonly backup?: string | undefined;
  readonly users: Readonly<Record<string, AppliedUser>>;
  /** The contexts that `ekspress kubeconfig` has written, by name. */
  readonly written?: Readonly<Record<string, WrittenContext>> | undefined;
}

/** A context for a cluster that was found in an account. */
export interface WrittenContext {
  /** ARN of the cluster. */
  readonly arn: string;
  readonly profile?: string | undefined;
  readonly roleArn?: string | undefined;
  /** The entries that were written with it. Without the cluster, one of the same ARN was there. */
  readonly user: string;
  readonly cluster?: string | undefined;
  /** Whether it has been removed. Its name is not given to another cluster. */
  readonly gone?: boolean | undefined;
}

/** When a user was applied, and its original command. */
export interface AppliedUser {
  readonly at: string;
  readonly command: string;
  /** Variables that the user declared as part of the identity. `aws eks update-kubeconfig` removes them from the stanza. */
  readonly keyEnv?: readonly string[] | undefined;
  /** The key file of its encrypted entries, empty for the one in memory. */
  readonly encrypt?: string | undefined;
}

/** How many backups of one kubeconfig are kept. */
const BACKUPS_KEPT = 10;

/** The record of a kubeconfig. Empty if there is none or if it cannot be read. */
export async function readRecord(home: EkspressHome, file: string): Promise<AppliedRecord> {
  const none = { file, users: {} };
  try {
    const value: unknown = JSON.parse(await readText(recordPath(home, file)));
    if (!isMapping(value) || value.file !== file || !isMapping(value.users)) return none;
    const users = Object.entries(value.users).flatMap(([name, user]): [string, AppliedUser][] =>
      isMapping(user) ? [[name, toUser(user)]] : [],
    );
    const { backup } = value;
    const written = Object.entries(isMapping(value.written) ? value.written : {}).flatMap(([name, context]) => {
      const read = isMapping(context) ? toWritten(context) : undefined;
      return read === undefined ? [] : [[name, read] as const];
    });
    return {
      file,
      users: Object.fromEntries(users),
      ...(typeof backup === 'string' && { backup }),
      ...(written.length > 0 && { written: Object.fromEntries(written) }),
    };
  } catch {
    return none;
  }
}

function toUser({ at, command, keyEnv, encrypt }: ExecValue): AppliedUser {
  const names = Array.isArray(keyEnv) ? keyEnv.filter((name) => typeof name === 'string' && isVariableName(name)) : [];
  const told = { ...(names.length > 0 && { keyEnv: names }), ...(typeof encrypt === 'string' && { encrypt }) };
  return { at: String(at), command: String(command), ...told };
}

function toWritten({ arn, profile, roleArn, user, cluster, gone }: ExecValue): WrittenContext | undefined {
  if (typeof arn !== 'string' || typeof user !== 'string') return undefined;
  return {
    arn,
    user,
    ...(typeof profile === 'string' && { profile }),
    ...(typeof roleArn === 'string' && { roleArn }),
    ...(typeof cluster === 'string' && { cluster }),
    ...(gone === true && { gone }),
  };
}

/** Whether any kubeconfig has users that were applied. */
export async function hasAppliedUsers({ records }: EkspressHome): Promise<boolean> {
  for (const name of await readdir(records).catch(() => [])) {
    try {
      const value: unknown = JSON.parse(await readText(join(records, name)));
      if (isMapping(value) && isMapping(value.users) && Object.keys(value.users).length > 0) return true;
    } catch {
      // What cannot be read may be a record.
      return true;
    }
  }
  return false;
}

/** Writes the record, or removes its file if it says nothing. @throws the system's error */
export async function writeRecord(home: EkspressHome, record: AppliedRecord): Promise<void> {
  const path = recordPath(home, record.file);
  const { users, written = {} } = record;
  if (Object.keys(users).length + Object.keys(written).length === 0) return rm(path, { force: true });
  await makeFolder(home.records);
  await replaceFile(path, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
}

/** Writes a backup of a kubeconfig that only its owner can read. @returns the path @throws the system's error */
export async function backUp(home: EkspressHome, file: string, bytes: Buffer, now: Date): Promise<string> {
  await makeFolder(home.backups);
  const suffix = `-${basename(file)}-${hexDigest(file).slice(0, 8)}`;
  const path = join(home.backups, `${now.toISOString().replaceAll(':', '')}${suffix}`);
  await writeFile(path, bytes, { mode: 0o600, flag: 'wx' });
  const copies = (await readdir(home.backups)).filter((name) => name.endsWith(suffix)).sort();
  for (const name of copies.slice(0, -BACKUPS_KEPT)) await rm(join(home.backups, name), { force: true });
  return path;
}

function recordPath({ records }: EkspressHome, file: string): string {
  return join(records, `${hexDigest(file).slice(0, 16)}.json`);
}

function hexDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
