import { writeSync } from 'node:fs';
import { askedApiVersion } from '../aws/command/exec-info.ts';
import { cacheDirectory } from '../cache/directory/directory.ts';
import { type Entry, timestamp, toldUntil } from '../cache/entry/entry.ts';
import { readMachineSync } from '../cache/entry/machine.ts';
import { outsideOf } from '../cache/entry/outside.ts';
import { cacheKey, type IdentityFacts } from '../cache/identity/key.ts';
import { refreshMarginSeconds } from '../cache/rules.ts';
import { findEntrySync } from '../cache/store/find-entry.ts';
import type { Environment } from '../host.ts';
import { setting } from '../text/setting.ts';

// The Node part of the exec plugin begins here. It answers from the cache where the script could not decide: a blank in HOME,
// a file with a given date, a margin in minutes. Nothing else of the package is loaded then. It is built as one CommonJS
// file, which Node starts sooner than a module, and so is main.ts, which it loads for everything else.

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

function findHit(words: readonly string[], env: Environment): Entry | undefined {
  // With these variables the script asks for another token than that of the entry.
  if (env.EKSPRESS_NEWER_THAN !== undefined || env.EKSPRESS_BACKGROUND !== undefined) return undefined;
  const facts = readWords(words[0] === '--' ? words.slice(1) : words);
  if (facts === undefined) return undefined;
  const key = cacheKey({ ...facts, tool: 'aws', env });
  const [command = ''] = words[0] === '--' ? words.slice(1) : words;
  const now = Math.floor(Date.now() / 1000);
  const query = { command, marginSeconds: refreshMarginSeconds(env), now, machine: readMachineSync() };
  return findEntrySync(cacheDirectory(env), key, query, outsideOf(key, env));
}

/** Prints the entry if there is one. @returns whether it did */
function answer(words: readonly string[], env: Environment): boolean {
  try {
    const { apiVersion, notice } = askedApiVersion(env.KUBERNETES_EXEC_INFO);
    const entry = notice === undefined ? findHit(words, env) : undefined;
    if (entry === undefined) return false;
    const status = { expirationTimestamp: timestamp(toldUntil(entry)), token: entry.token };
    if (setting(env, 'DEBUG') === '1') writeSync(2, '[DEBUG] hit: by Node\n');
    // writeSync, because the making of Node's streams takes longer than the rest of this file.
    writeSync(1, `${JSON.stringify({ kind: 'ExecCredential', apiVersion, spec: {}, status })}\n`);
    return true;
  } catch {
    return false;
  }
}

if (!answer(process.argv.slice(2), process.env)) void import('./main.ts');
