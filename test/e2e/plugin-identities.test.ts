import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type LocalAWS, startLocalAWS } from '../../src/testing/index.ts';
import { realKubectls } from '../support/kubectl.ts';
import { GET_TOKEN, KnownKeys, PluginWorld, run, type Stanza, seenAs, somebody } from '../support/plugin-home.ts';
import { SEED } from '../support/seed.ts';

// Whose token kubectl shows the server, call for call: profiles, roles and keys of the environment take turns on one
// cluster and one cache. Nobody here may do anything, so every answer of the server names whom it saw.
// EKSPRESS_CALLS=1000 makes as many calls; EKSPRESS_SEED draws others.

const CALLS = Number(process.env.EKSPRESS_CALLS ?? 60);
/** Who asks at once. */
const LANES = 3;

const server = inject('apiServer');
const kubectls = realKubectls();
if (kubectls.length === 0) console.log('skipped: no kubectl');

const hasAws = spawnSync('aws', ['--version']).status === 0;

const people = Object.fromEntries(['anna', 'ben', 'carl', 'dora', 'emil'].map((name) => [name, somebody(name)]));
const { anna, ben, carl, dora, emil } = people as Record<string, ReturnType<typeof somebody>>;
const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const session = (name: string, as: string) => `arn:aws:sts::123456789012:assumed-role/${name}/${as}`;

const keysOf = ({ accessKeyId, secretAccessKey }: ReturnType<typeof somebody>) => ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
});

interface Case {
  readonly title: string;
  readonly stanza?: Stanza;
  /** Of the shell that kubectl is typed into. */
  readonly env?: Readonly<Record<string, string>>;
  readonly user: string | ((annasKeys: string) => string);
}

const CASES: readonly Case[] = [
  { title: 'AWS_PROFILE=anna', env: { AWS_PROFILE: 'anna' }, user: (keys) => keys },
  { title: 'AWS_PROFILE=ben', env: { AWS_PROFILE: 'ben' }, user: ben!.arn },
  { title: 'AWS_DEFAULT_PROFILE=ben', env: { AWS_DEFAULT_PROFILE: 'ben' }, user: ben!.arn },
  { title: 'nothing: the default profile', user: dora!.arn },
  { title: "carl's keys", env: keysOf(carl!), user: carl!.arn },
  { title: "carl's keys and AWS_PROFILE=anna", env: { ...keysOf(carl!), AWS_PROFILE: 'anna' }, user: carl!.arn },
  {
    title: "--profile ben and carl's keys",
    stanza: { args: [...GET_TOKEN, '--profile', 'ben'] },
    env: keysOf(carl!),
    user: ben!.arn,
  },
  {
    title: 'AWS_PROFILE=anna in the kubeconfig and AWS_PROFILE=ben outside',
    stanza: { env: { AWS_PROFILE: 'anna' } },
    env: { AWS_PROFILE: 'ben' },
    user: (keys) => keys,
  },
  {
    title: '--role one',
    stanza: { args: [...GET_TOKEN, '--role', role('one')] },
    user: session('one', 'EKSGetTokenAuth'),
  },
  {
    title: "--role two and ben's profile",
    stanza: { args: [...GET_TOKEN, '--role', role('two')] },
    env: { AWS_PROFILE: 'ben' },
    user: session('two', 'EKSGetTokenAuth'),
  },
  {
    title: "--role one and carl's keys",
    stanza: { args: [...GET_TOKEN, '--role', role('one')] },
    env: keysOf(carl!),
    user: session('one', 'EKSGetTokenAuth'),
  },
  { title: 'a profile with role one', env: { AWS_PROFILE: 'as-one' }, user: session('one', 'ben-as-one') },
  { title: 'a profile with role two', env: { AWS_PROFILE: 'as-two' }, user: session('two', 'dora-as-two') },
];

describe.skipIf(!server || kubectls.length === 0)('the users on one cluster', () => {
  let world: PluginWorld;
  let known: KnownKeys;
  let aws: LocalAWS;
  let network: Record<string, string>;
  const configs = new Map<Case, string>();
  let annasKeys = anna!;

  const credentials = () => world.writeCredentials({ anna: annasKeys, ben: ben!, default: dora! });

  beforeAll(async () => {
    world = new PluginWorld(server);
    known = new KnownKeys(server!);
    known.add(...Object.values(people));
    const roles = { [role('one')]: { groups: [] }, [role('two')]: { groups: [] } };
    aws = await startLocalAWS({ identities: people, roles });
    known.addWhatIsIssuedBy(aws);
    network = await world.behind(aws);
    credentials();
    world.write(
      '.aws/config',
      `[profile as-one]\nrole_arn = ${role('one')}\nsource_profile = ben\nrole_session_name = ben-as-one\n
[profile as-two]\nrole_arn = ${role('two')}\nsource_profile = default\nrole_session_name = dora-as-two\n`,
    );
    for (const [index, one] of CASES.entries()) {
      configs.set(one, world.kubeconfig(`case-${index}`, { ...one.stanza, env: { ...one.stanza?.env, ...network } }));
    }
  });
  afterAll(async () => {
    await aws?.close();
    known?.forget();
    world?.remove();
  });

  it.runIf(CALLS >= 1000 && hasAws)(
    'are seen by the server as the user that the original command gives them',
    async () => {
      for (const [index, one] of CASES.entries()) {
        const [, ...args] = one.stanza?.args ?? GET_TOKEN;
        const original = { command: 'aws', args, env: { ...one.stanza?.env, ...network } };
        const KUBECONFIG = world.kubeconfig(`original-${index}`, original);
        const env = { ...world.env, PATH: process.env.PATH, ...one.env, KUBECONFIG };
        const user = typeof one.user === 'string' ? one.user : one.user(annasKeys.arn);
        expect(`${one.title}: ${seenAs(await run([kubectls[0]!, 'get', 'namespaces'], env))}`).toBe(
          `${one.title}: ${user}`,
        );
      }
    },
    300_000,
  );

  it(
    `are the only users that the server sees, in ${CALLS} calls in random order`,
    async () => {
      const draw = mulberry32(SEED);
      const pick = <T>(from: readonly T[]): T => from[Math.floor(draw() * from.length)]!;
      console.log(`${CALLS} calls of ${kubectls.map((path) => basename(path)).join(' and ')}, seed ${SEED}`);
      const wrong: string[] = [];
      let [done, hits, swaps] = [0, 0, 0];
      while (done < CALLS) {
        // Now and then anna's profile gets other keys, as by a new login.
        if (done > 0 && draw() < 0.15) {
          annasKeys = annasKeys === anna ? emil! : anna!;
          credentials();
          swaps += 1;
        }
        const asked = Array.from({ length: Math.min(LANES, CALLS - done) }, () => ({
          one: pick(CASES),
          kubectl: pick(kubectls),
        }));
        const answers = await Promise.all(
          asked.map(({ one, kubectl }) =>
            run([kubectl, 'get', 'namespaces'], {
              ...world.env,
              ...one.env,
              KUBECONFIG: configs.get(one),
              EKS_TOKEN_DEBUG: '1',
            }),
          ),
        );
        for (const [index, { one, kubectl }] of asked.entries()) {
          const user = typeof one.user === 'string' ? one.user : one.user(annasKeys.arn);
          const seen = seenAs(answers[index]!);
          if (seen !== user)
            wrong.push(`call ${done + index}, ${basename(kubectl)}, ${one.title}: ${user}, but: ${seen}`);
          if (answers[index]!.stderr.includes('[DEBUG] hit')) hits += 1;
        }
        done += asked.length;
      }
      console.log(`${done} calls, ${hits} hits, ${swaps} times other keys, ${wrong.length} wrong`);
      expect(wrong).toEqual([]);
      expect(hits).toBeGreaterThan(CALLS / 4);
    },
    60_000 + CALLS * 2_000,
  );
});

/** A small generator of numbers below 1 that a seed decides. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
