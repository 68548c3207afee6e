import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { type LocalIdentity, verifyToken } from '../../src/testing/index.ts';
import { GET_TOKEN, type Outcome, PLUGIN, PluginWorld, run, somebody } from './plugin-home.ts';

/** Whose keys are in the home of these tests: every token has to be theirs. */
export const owner: { name: string } & ReturnType<typeof somebody> = { name: 'owner', ...somebody('owner') };

const EXEC_INFO =
  '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","spec":{"interactive":false}}\n';
const PACKAGE = new URL('../../dist/index.js', import.meta.url).href;

/** A home with static keys, an `aws` that always fails, and a `sleep` that only writes down that somebody waits. */
export class FaultWorld extends PluginWorld {
  readonly naps: string = join(this.home, 'naps');
  readonly stored: string = join(this.home, 'stored');
  #storedAt = 0;

  constructor() {
    super(null);
    this.writeCredentials({ default: owner });
    this.executable('aws', 'echo "the original command was run" >&2; exit 1');
    this.executable('sleep', `echo nap >>'${this.naps}'; exec /bin/sleep 0.02`);
  }

  readonly plugin: readonly string[] = [PLUGIN, ...GET_TOKEN];
  /** A process that uses the library, and shares the plugin's cache. */
  readonly library: readonly string[] = [
    process.execPath,
    this.write(
      'library.mjs',
      `import { parseExecConfig, TokenManager } from '${PACKAGE}';
const [command, ...args] = ${JSON.stringify(GET_TOKEN)};
const { token } = await new TokenManager(parseExecConfig({ command, args })).getToken();
process.stdout.write(JSON.stringify({ token }));
`,
    ),
  ];

  override get env(): Record<string, string> {
    return { ...super.env, KUBERNETES_EXEC_INFO: EXEC_INFO, LC_ALL: 'C.UTF-8' };
  }

  /** One call. Its cleanliness is part of the answer: a `[DEBUG]` line says whether it was a hit. */
  call(words: readonly string[] = this.plugin, env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    return run(words, { ...this.env, EKS_TOKEN_DEBUG: '1', ...env });
  }

  emptyCache(): void {
    rmSync(join(this.home, '.kube'), { recursive: true, force: true });
    mkdirSync(join(this.home, '.kube'), { mode: 0o700 });
  }

  /** Makes a token, and keeps the cache as it is then, dates included … */
  async storeNewToken(): Promise<void> {
    this.emptyCache();
    expect(isRight(await this.call())).toBe(true);
    rmSync(this.stored, { recursive: true, force: true });
    cpSync(this.cache, this.stored, { recursive: true, preserveTimestamps: true });
    this.#storedAt = Date.now();
  }

  get storedSecondsAgo(): number {
    return (Date.now() - this.#storedAt) / 1000;
  }

  /** … and puts it back. */
  restoreCache(): void {
    this.emptyCache();
    mkdirSync(dirname(this.cache), { mode: 0o700 });
    cpSync(this.stored, this.cache, { recursive: true, preserveTimestamps: true });
    for (const folder of [this.cache, join(this.cache, 'stamps')]) chmodSync(folder, 0o700);
  }

  /** How often anybody has waited since the last look. */
  takeNaps(): number {
    const naps = existsSync(this.naps) ? readFileSync(this.naps, 'utf8').split('\n').length - 1 : 0;
    rmSync(this.naps, { force: true });
    return naps;
  }

  /** Files below the cache. */
  files(): string[] {
    if (!existsSync(this.cache)) return [];
    const names = readdirSync(this.cache, { recursive: true, encoding: 'utf8' });
    return names.filter((name) => statSync(join(this.cache, name)).isFile()).sort();
  }

  /** What is open to others, of the cache and what is in it. */
  openToOthers(): string[] {
    if (!existsSync(this.cache)) return [];
    const names = readdirSync(this.cache, { recursive: true, encoding: 'utf8' });
    return ['.', ...names].filter((name) => (statSync(join(this.cache, name)).mode & 0o077) !== 0);
  }
}

/** The one token of an answer, by whichever way it was asked; undefined where nothing was printed. */
function tokenOf({ stdout }: Outcome): string | undefined {
  if (stdout === '') return undefined;
  const answer = JSON.parse(stdout) as { token?: string; status?: { token: string } };
  return answer.token ?? answer.status?.token;
}

/** Whether the answer holds a token of the owner of the keys, or of another person, good right now. */
export function isRight(answer: Outcome, person: LocalIdentity = owner): boolean {
  const token = tokenOf(answer);
  if (token === undefined) return false;
  const verdict = verifyToken(token, {
    clusterName: 'dev',
    region: 'us-east-1',
    identities: new Map([[person.accessKeyId, person]]),
    now: new Date(),
  });
  return verdict.accepted;
}

/** What undisturbed calls are like after whatever has happened: the next one is right, and those after it are hits. */
export async function expectHealed(world: FaultWorld, after: string): Promise<void> {
  world.takeNaps();
  const next = await world.call();
  expect({ after, status: next.status, right: isRight(next), stderr: next.stderr }).toMatchObject({
    status: 0,
    right: true,
  });
  // A note without a number is looked at twenty times before it is taken for nobody's.
  expect({ after, naps: world.takeNaps() }).toEqual({ after, naps: expect.toSatisfy((naps: number) => naps <= 25) });
  for (let turn = 0; turn < 2; turn += 1) {
    // Another process each time, so that nobody takes this for a refusal.
    const hit = await world.call(['sh', '-c', '"$@"; exit', 'sh', ...world.plugin]);
    expect({ after, status: hit.status, right: isRight(hit), stderr: hit.stderr }).toEqual({
      after,
      status: 0,
      right: true,
      stderr: expect.stringMatching(/^\[DEBUG\] hit: [^\n]*\n$/),
    });
  }
  // A lock or a note that a kill has left holds nobody up who makes the next token, and is gone then. Other files of names
  // that are collected one day may lie there: they are in nobody's way.
  for (const name of world.files().filter((one) => one.endsWith('.json'))) rmSync(join(world.cache, name));
  const made = await world.call();
  expect({ after, status: made.status, right: isRight(made) }).toEqual({ after, status: 0, right: true });
  // The number of a script that was killed counts for nothing at the first look.
  expect({ after, naps: world.takeNaps() }).toEqual({ after, naps: expect.toSatisfy((naps: number) => naps <= 1) });
  const collected =
    /\.json(\.asked[0-7])?$|(^|\/)\.ekspress-\d+-[0-9a-f]{16}\.tmp$|^stamps\/\d+[-+=]$|^CACHEDIR\.TAG$|^\.collected$/;
  const left = world.files().filter((name) => !collected.test(name));
  expect({ after, left, open: world.openToOthers() }).toEqual({ after, left: [], open: [] });
}
