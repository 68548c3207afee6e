import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ClusterRegistry } from '../../src/cluster/registry/registry.ts';
import { EKSAuthError } from '../../src/errors.ts';
import { ANSWERS } from '../attacks/answers.ts';
import type { Attack, Place } from '../attacks/attack.ts';
import { CACHE } from '../attacks/cache.ts';
import { DESTINATIONS } from '../attacks/destinations.ts';
import { SCRIPT } from '../attacks/script.ts';
import { SPECIAL_FILES } from '../attacks/special-files.ts';
import { COST, FILES } from '../attacks/texts.ts';
import { VOUCHING } from '../attacks/vouching.ts';
import { MODEL, TERMINAL } from '../attacks/words.ts';
import { kubeconfigText, TRUSTED } from '../support/kubeconfig-text.ts';
import { seededRandom } from '../support/random.ts';
import { SEED } from '../support/seed.ts';

const VARIANTS = 42;
const ATTACKS: readonly Attack[] = [
  DESTINATIONS,
  VOUCHING,
  TERMINAL,
  MODEL,
  COST,
  FILES,
  SPECIAL_FILES,
  SCRIPT,
  CACHE,
  ANSWERS,
];

let place: Place;
beforeAll(async () => {
  const home = await mkdtemp(join(tmpdir(), 'ekspress-attacks-'));
  // The profiles of the caller that a string may name, each with an identity of its own.
  const profiles = Array.from(
    { length: 1_000 },
    (_, n) => `[p${n}]\naws_access_key_id=AKIAP${n}\naws_secret_access_key=x\n`,
  );
  await mkdir(join(home, '.aws'));
  await writeFile(join(home, '.aws/credentials'), profiles.join(''));
  const env = { HOME: home, PATH: '/nonexistent', AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'x' };
  const errorOf = async (text: string): Promise<EKSAuthError | undefined> => {
    await using registry = new ClusterRegistry({
      env,
      cache: false,
      trustedServers: [{ ...TRUSTED, clusterName: 'prod', region: 'us-west-2' }],
    });
    try {
      await registry.registerByString(text);
      return undefined;
    } catch (error) {
      if (error instanceof EKSAuthError && registry.list().length === 0) return error;
      throw error;
    }
  };
  const wordsOf = async (text: string) => {
    const error = await errorOf(text);
    return error === undefined ? '' : `${error.message} ${error.remedy}`;
  };
  place = { home, codeOf: async (text) => (await errorOf(text))?.code, wordsOf };
});
afterAll(() => rm(place.home, { recursive: true }));

it('The kubeconfig that the attacks are made of is accepted without them', async () => {
  expect(await place.codeOf(kubeconfigText())).toBeUndefined();
});

it.each(ATTACKS)('Attacks are held: $kind', { timeout: 120_000 }, async ({ kind, hold }) => {
  const broken: number[] = [];
  for (let variant = 0; variant < VARIANTS; variant += 1) {
    // Each variant has a chance of its own, so that one can be repeated alone.
    if (!(await hold(seededRandom(SEED * 1_000 + variant), place))) broken.push(variant);
  }
  process.stdout.write(`attacks, ${kind}: tried ${VARIANTS}, held ${VARIANTS - broken.length}\n`);
  expect(broken).toEqual([]);
});
