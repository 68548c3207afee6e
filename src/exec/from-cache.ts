import { writeSync } from 'node:fs';
import { askedApiVersion } from '../aws/command/exec-info.ts';
import { cacheDirectory } from '../cache/directory/directory.ts';
import { type Entry, timestamp, toldUntil } from '../cache/entry/entry.ts';
import { readMachineSync } from '../cache/entry/machine.ts';
import { outsideOf } from '../cache/entry/outside.ts';
import { type CacheKey, cacheKey, type IdentityFacts } from '../cache/identity/key.ts';
import { refreshMarginSeconds } from '../cache/rules.ts';
import { type EntryFiles, plainFiles, sealedFiles, sealOfEntries } from '../cache/sealed/entry-files.ts';
import { DEFAULT_KEY_FILE, keyFilePath, readKeyFile } from '../cache/sealed/key-file.ts';
import { findEntrySync } from '../cache/store/find-entry.ts';
import type { Environment } from '../host.ts';
import { setting } from '../text/setting.ts';
import { Asker } from './asker.ts';

/** The flags of `aws eks get-token` by the fact that each names. */
const FLAGS: Readonly<Record<string, 'cluster' | 'region' | 'profile' | 'roleArn' | 'output'>> = {
  '--cluster-name': 'cluster',
  '--cluster-id': 'cluster',
  '--region': 'region',
  '--profile': 'profile',
  '--role-arn': 'roleArn',
  '--role': 'roleArn',
  '--output': 'output',
};
const OF_THE_VERB = new Set(['cluster', 'roleArn']);

/** A command line in the form that `aws eks update-kubeconfig` writes, as the script reads it. Undefined for any other. */
function readWords([command = '', ...args]: readonly string[]): Omit<IdentityFacts, 'env' | 'tool'> | undefined {
  if (command !== 'aws' && !/^\/(.*\/)?aws$/s.test(command)) return undefined;
  const said: { [name in 'cluster' | 'region' | 'profile' | 'roleArn' | 'output']?: string } = {};
  const verb: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const [, flag = args[index] ?? '', inline] = /^(--[^=]*)=(.*)$/s.exec(args[index] ?? '') ?? [];
    if (!flag.startsWith('--')) {
      verb.push(flag);
      continue;
    }
    const name = FLAGS[flag];
    if (inline === undefined) index += 1;
    const value = inline ?? args[index] ?? '';
    if (name === undefined || said[name] !== undefined || /^$|^-|:\/\//.test(value)) return undefined;
    if (OF_THE_VERB.has(name) && verb.join(' ') !== 'eks get-token') return undefined;
    said[name] = value;
  }
  const { cluster, output = 'json', ...rest } = said;
  if (verb.join(' ') !== 'eks get-token' || cluster === undefined || output !== 'json') return undefined;
  return { cluster, ...rest };
}

/** The words behind `--encrypt[=FILE]`, which the script puts first, and the reader of such entries. */
function readEncrypted(words: readonly string[], env: Environment) {
  const [, named] = /^--encrypt(?:$|=(.*))/s.exec(words[0] ?? '') ?? [undefined, null];
  if (named === null) return { words };
  const path = keyFilePath(named ?? DEFAULT_KEY_FILE, env);
  const bytes = path === undefined ? 'absent' : readKeyFile(path);
  return { words: words.slice(1), files: typeof bytes === 'string' ? undefined : sealedFiles(sealOfEntries(bytes)) };
}

/** An entry that answers, and how its file is called. */
interface Hit {
  readonly entry: Entry;
  readonly key: CacheKey;
  readonly directory: string;
  /** Set where the entry is encrypted. */
  readonly files: EntryFiles | undefined;
}

function findHit(given: readonly string[], env: Environment): Hit | undefined {
  // With these variables the script asks for another token than that of the entry.
  if (env.EKSPRESS_NEWER_THAN !== undefined || env.EKSPRESS_BACKGROUND !== undefined) return undefined;
  const { words, files } = readEncrypted(given, env);
  if (words !== given && files === undefined) return undefined;
  const [command = ''] = words[0] === '--' ? words.slice(1) : words;
  const facts = readWords(words[0] === '--' ? words.slice(1) : words);
  if (facts === undefined) return undefined;
  const key = cacheKey({ ...facts, tool: 'aws', env });
  const now = Math.floor(Date.now() / 1000);
  const query = { command, marginSeconds: refreshMarginSeconds(env), now, machine: readMachineSync() };
  const directory = cacheDirectory(env);
  const entry = findEntrySync(directory, key, query, { outside: outsideOf(key, env), files });
  return entry && { entry, key, directory, files };
}

function print({ entry }: Hit, apiVersion: string): void {
  const status = { expirationTimestamp: timestamp(toldUntil(entry)), token: entry.token };
  // writeSync, because the making of Node's streams takes longer than the rest of this file.
  writeSync(1, `${JSON.stringify({ kind: 'ExecCredential', apiVersion, spec: {}, status })}\n`);
}

/** Why the cache does not answer, and what is known of the entry that did not. */
export interface CacheMiss {
  /** What Node's other file is told in variables: which token will do. */
  readonly message: Environment;
  /** Prints the entry once more, if it was only a guess that the server refused its token. */
  readonly serveAgain?: (() => void) | undefined;
}

const UNKNOWN: CacheMiss = { message: {} };

/**
 * Prints the entry if there is one. Never throws.
 * @param words - what follows the name of the program
 * @param asks - also of plain entries: notes which process asked, and renews them. On other systems the script does that
 * @returns undefined once the entry is printed
 */
export function answerFromCache(words: readonly string[], env: Environment, asks = false): CacheMiss | undefined {
  try {
    const { apiVersion, notice } = askedApiVersion(env.KUBERNETES_EXEC_INFO);
    const hit = notice === undefined ? findHit(words, env) : undefined;
    if (hit === undefined) return UNKNOWN;
    const files = hit.files ?? (asks ? plainFiles : undefined);
    const asker = files && new Asker({ ...hit, files }, env);
    if (asker?.wasRefused()) {
      const message: Record<string, string> = {};
      if (!asker.wantNewer(message)) return { message };
      const serveAgain = (): void => {
        print(hit, apiVersion);
        asker.note(hit.entry.minted);
      };
      return { message, serveAgain };
    }
    if (setting(env, 'DEBUG') === '1') writeSync(2, '[DEBUG] hit: by Node\n');
    print(hit, apiVersion);
    asker?.note();
    asker?.renew(words);
    return undefined;
  } catch {
    return UNKNOWN;
  }
}
