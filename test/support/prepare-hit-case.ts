import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseExecConfig } from '../../src/aws/stanza/parse-exec-config.ts';
import { sharedEntryOf } from '../../src/aws/token/shared-entry.ts';
import { cacheDirectory } from '../../src/cache/directory/directory.ts';
import { readMachine } from '../../src/cache/entry/machine.ts';
import type { CacheKey } from '../../src/cache/identity/key.ts';
import { refreshMarginSeconds } from '../../src/cache/rules.ts';
import { keysOfFile } from '../../src/cache/sealed/cache-keys.ts';
import { plainFiles, sealedFiles } from '../../src/cache/sealed/entry-files.ts';
import { keyFilePath, makeKeyFile } from '../../src/cache/sealed/key-file.ts';
import type { CacheRead } from '../../src/cache/store/cache-requests.ts';
import { TokenCache } from '../../src/cache/store/token-cache.ts';
import { type Environment, hostFrom } from '../../src/host.ts';
import { readHints } from '../../src/plugin/plugin-hints.ts';
import { lookAtFile } from '../../src/recording/look.ts';
import { Recorder } from '../../src/recording/recorder.ts';
import type { Recording } from '../../src/recording/recording.ts';
import { findProgram } from '../../src/system/find-program.ts';
import { ageFolders, oldFile } from '../hit-cases/change.ts';
import { PLAIN, UNREADABLE } from '../hit-cases/constants.ts';
import type { HitCase, HitWorld } from '../hit-cases/hit-case.ts';
import { PATH } from './paths.ts';

/** As long as a real token with a session token in it. */
export const TOKEN: string = `k8s-aws-v1.${'aHR0cHM6Ly9zdHMudXMtZWFzdC0xLmFtYXpvbmF3cy5jb20vP0FjdGlvbj1HZXRD_-'.repeat(24)}`;

/** A question that is ready to be put to any reader. */
export interface Prepared {
  readonly world: HitWorld;
  readonly words: readonly string[];
  readonly env: Environment;
  /** The cache that the entry was stored in, and what it depends on. */
  readonly cache: TokenCache;
  readonly key: CacheKey;
  readonly record: () => Promise<Recording | string>;
  readonly remove: () => void;
}

/** Makes the world of a case: the files, the entry that was stored, and what happened since. */
export async function prepare(hitCase: HitCase): Promise<Prepared> {
  const { stored = {} } = hitCase;
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'ekspress-hit-')));
  const home = join(root, 'home');
  mkdirSync(join(home, '.aws'), { recursive: true });
  const credentials = oldFile(join(home, '.aws/credentials'), '[default]\n');
  const config = join(home, '.aws/config');
  const filled = (text: string): string => text.replaceAll('{home}', home);
  const environment = (variables: Readonly<Record<string, string>> = {}): Environment =>
    Object.fromEntries(
      Object.entries({ HOME: home, PATH, ...variables }).map(([name, value]) => [name, filled(value)]),
    );

  const words = (hitCase.words ?? PLAIN).map(filled);
  const env = environment(hitCase.env);
  const mintEnv = environment(stored.env ?? hitCase.env);
  const { key } = entryOf((stored.words ?? hitCase.words ?? PLAIN).map(filled), mintEnv);
  const directory = cacheDirectory(mintEnv);
  const { keys, files } = await keysFor((stored.words ?? hitCase.words ?? PLAIN).map(filled), mintEnv);
  const world = { root, home, directory, entry: join(directory, files.nameOf(key, 'entry')), credentials, config };
  stored.before?.(world);
  ageFolders(world);

  const { logger, now } = hostFrom();
  const machine = async () =>
    ({ ...(await readMachine()), ...stored.machine }) as Awaited<ReturnType<typeof readMachine>>;
  const cache = new TokenCache({ directory, now, logger, machine, keys });
  const { command, life = 840, unattended = true, hostBound = false } = stored;
  const { network = false, expanded = [], programs = [] } = stored;
  const record = async () => {
    const watching = new Recorder({});
    for (const path of [credentials, config, ...(stored.sources ?? []).map((name) => join(home, name))]) {
      await watching.look(path);
    }
    if (hostBound) watching.bindToHost();
    const finished = await watching.finish();
    if (typeof finished === 'string') return finished;
    const lookUps = programs.map((name) => ({ name, found: findProgram(name, mintEnv) }));
    const found = lookUps.flatMap(({ found }) => (found === undefined ? [] : [lookAtFile(found, true)]));
    return {
      ...finished,
      network,
      expanded: new Map(expanded.map((name) => [name, mintEnv[name]])),
      lookUps,
      files: [...(await Promise.all(found)), ...finished.files],
    };
  };
  const minted = Math.floor(Date.now() / 1000) - (stored.secondsAgo ?? 0);
  await cache.store(
    key,
    {
      token: TOKEN,
      mintedAt: new Date(minted * 1000),
      expiresAt: new Date((minted + life) * 1000),
      ...(command !== undefined && { command }),
      unattended,
    },
    await record(),
  );
  hitCase.after?.(world);
  return { world, words, env, cache, key, record, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** Lets the script forget who asked before and what goes on: what the next one asks is a first question. */
export function forget({ world }: Prepared): void {
  if (!existsSync(world.directory)) return;
  for (const name of readdirSync(world.directory)) {
    if (/\.json\.(asked\d|renew\d+|busy)$/.test(name)) rmSync(join(world.directory, name));
  }
}

/** Puts the question as the Node half of the plugin does. */
export async function askTypeScript({ words, env }: Prepared): Promise<CacheRead> {
  let entry: ReturnType<typeof entryOf>;
  try {
    entry = entryOf(words, env);
  } catch {
    return { hit: false, reason: UNREADABLE };
  }
  const { logger, now } = hostFrom();
  const { encrypt } = readHints(words);
  const keys = encrypt === undefined ? undefined : keysOfFile(encrypt, env);
  const cache = new TokenCache({ directory: cacheDirectory(env), now, logger, keys });
  return cache.read(entry.key, { command: entry.command, marginSeconds: refreshMarginSeconds(env), env });
}

/** The keys of the entry that these words ask for, and how its files are called. A key file is made where it is absent. */
async function keysFor(words: readonly string[], env: Environment) {
  const { encrypt } = readHints(words);
  if (encrypt === undefined) return { keys: undefined, files: plainFiles };
  const path = keyFilePath(encrypt, env) ?? '';
  mkdirSync(dirname(dirname(path)), { recursive: true });
  await makeKeyFile(path);
  const keys = keysOfFile(encrypt, env);
  return { keys, files: sealedFiles(await keys.seal()) };
}

function entryOf(words: readonly string[], env: Environment) {
  const [command = '', ...args] = readHints(words).words;
  return sharedEntryOf(parseExecConfig({ command, args }), env);
}
