import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type LocalAWS, startLocalAWS } from '../../src/testing/index.ts';
import { realKubectls } from '../support/kubectl.ts';
import { GET_TOKEN, KnownKeys, PluginWorld, run, somebody } from '../support/plugin-home.ts';

// A server that refuses what it accepted before: the session that signed a token was revoked. Each token is made with an
// AssumeRole of its own, so the calls that STS counts are the tokens that were made. EKSPRESS_REFUSED_SECONDS=60 asks for
// so long instead of until the second token.

const SECONDS = Number(process.env.EKSPRESS_REFUSED_SECONDS ?? 0);

const server = inject('apiServer');
const kubectls = realKubectls();
if (kubectls.length === 0) console.log('skipped: no kubectl');

const ROLE = 'arn:aws:iam::123456789012:role/admins';
const admin = somebody('owner');

/** A home, and an AWS that this home alone talks to. */
interface Scene {
  readonly kubectl: string;
  readonly world: PluginWorld;
  readonly aws: LocalAWS;
  readonly env: Readonly<Record<string, string>>;
}

const minted = ({ aws }: Scene) => aws.calls.filter(({ operation }) => operation === 'AssumeRole');
const keys = (scene: Scene) => minted(scene).map(({ issued = '' }) => issued);
const get = ({ kubectl, env }: Scene) => run([kubectl, 'get', 'namespaces', '-o', 'name'], env);

describe.skipIf(!server || kubectls.length === 0)('a token that the server refuses', () => {
  const known = server && new KnownKeys(server);
  const scenes: Scene[] = [];

  async function open(kubectl: string, { trusted = true } = {}): Promise<Scene> {
    const world = new PluginWorld(server);
    const aws = await startLocalAWS({
      identities: { owner: admin },
      roles: { [ROLE]: { groups: ['system:masters'] } },
    });
    if (trusted) known?.addWhatIsIssuedBy(aws);
    world.writeCredentials({ default: admin });
    const network = await world.behind(aws);
    const KUBECONFIG = world.kubeconfig('config', { args: [...GET_TOKEN, '--role', ROLE], env: network });
    const scene = { kubectl, world, aws, env: { ...world.env, KUBECONFIG } };
    scenes.push(scene);
    return scene;
  }

  afterAll(async () => {
    known?.forget();
    for (const { world, aws } of scenes) {
      await aws.close();
      world.remove();
    }
  });

  describe('whose key was revoked', () => {
    const cold: Scene[] = [];
    const warm: Scene[] = [];

    let refusals: Promise<{ scene: Scene; commands: number }>;

    // Everybody gets a token and uses it. Younger than ten seconds, it would be taken for the answer to a refusal, so all
    // of them get older together, while somebody whom nobody knows asks again and again.
    beforeAll(async () => {
      for (const kubectl of kubectls) {
        cold.push(await open(kubectl));
        warm.push(await open(kubectl));
      }
      for (const scene of [...cold, ...warm]) {
        expect((await get(scene)).stdout).toContain('namespace/kube-system');
        expect(keys(scene)).toHaveLength(1);
      }
      const last = Date.now();
      refusals = insist(await open(kubectls.at(-1) ?? '', { trusted: false }));
      while (Date.now() < last + 13_000) await sleep(200);
      known?.revoke(...[...cold, ...warm].flatMap(keys));
    }, 120_000);

    it('is replaced every ten seconds at most, however often kubectl asks', async () => {
      const { scene, commands } = await refusals;
      const moments = minted(scene).map(({ at }) => at.getTime());
      const gaps = moments.slice(1).map((moment, index) => moment - (moments[index] as number));
      console.log(`${commands} commands that failed, ${moments.length} tokens, ${gaps.join(', ')} ms apart`);
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(10_000);
    }, 240_000);

    it.each(kubectls.map((path, index) => ({ name: basename(path), index })))(
      'is replaced without discovery: the same command succeeds, with one new token: $name',
      async ({ index }) => {
        const scene = cold[index] as Scene;
        scene.world.forgetDiscovery();
        const { status, stdout } = await get(scene);
        expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining('namespace/kube-system') });
        expect(keys(scene)).toHaveLength(2);
        expect((await get(scene)).status).toBe(0);
        expect(keys(scene)).toHaveLength(2);
      },
    );

    it.each(kubectls.map((path, index) => ({ name: basename(path), index })))(
      'is replaced with discovery: the next command succeeds, with one new token: $name',
      async ({ index }) => {
        const scene = warm[index] as Scene;
        // What client-go makes of the only answer that it gets; another version may ask twice.
        const first = await get(scene);
        if (first.status !== 0) expect(first.stderr).toMatch(/Unauthorized|must be logged in/);
        expect((await get(scene)).stdout).toContain('namespace/kube-system');
        expect((await get(scene)).status).toBe(0);
        expect(keys(scene)).toHaveLength(2);
      },
    );
  });
});

/** Asks until there is a second token at least. */
async function insist(scene: Scene): Promise<{ scene: Scene; commands: number }> {
  const began = Date.now();
  let commands = 0;
  while (Date.now() < began + SECONDS * 1000 || minted(scene).length < 2) {
    if (commands % 2 === 0) scene.world.forgetDiscovery();
    expect((await get(scene)).status).not.toBe(0);
    commands += 1;
  }
  return { scene, commands };
}

describe.skipIf(!server || kubectls.length === 0)('a hundred kubectl at once', () => {
  it('need one token', async () => {
    const known = new KnownKeys(server!);
    const world = new PluginWorld(server);
    const aws = await startLocalAWS({
      identities: { owner: admin },
      roles: { [ROLE]: { groups: ['system:masters'] } },
    });
    try {
      known.addWhatIsIssuedBy(aws);
      world.writeCredentials({ default: admin });
      const KUBECONFIG = world.kubeconfig('config', {
        args: [...GET_TOKEN, '--role', ROLE],
        env: await world.behind(aws),
      });
      const all = await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          run([kubectls[index % kubectls.length]!, 'get', '--raw', '/api/v1/namespaces/default'], {
            ...world.env,
            KUBECONFIG,
          }),
        ),
      );
      expect(all.filter(({ status }) => status !== 0)).toEqual([]);
      expect(aws.count('AssumeRole')).toBe(1);
    } finally {
      known.forget();
      await aws.close();
      world.remove();
    }
  }, 240_000);
});
