import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCertificateAuthority } from '../../src/testing/tls/certificate-authority.ts';
import { startHashingAWS } from '../support/hashing-aws.ts';
import { seededRandom } from '../support/random.ts';
import { everyShell, install } from '../support/script-shells.ts';
import { SEED } from '../support/seed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import type { Surroundings, World } from '../support/world.ts';
import { runPair, type ScriptDoor } from '../support/world-pair.ts';
import { network, type Scene, scenes } from '../support/world-scenes.ts';

/**
 * Most commands of kubectl must cost no Node. Worlds in which nothing changes are asked twice: the library fills the cache,
 * and the script answers from it although the `node` on PATH fails. Arguments that name files are Node's in every class.
 * Pods and instances have a test of their own, hit-classes-of-metadata.test.ts, because they need link-local addresses.
 */
const WORLDS = Number(process.env.EKSPRESS_WORLDS ?? 20);
const LEAST = 0.95;

/** PATH as a desktop sets it: many folders, of which some do not exist. */
const DESKTOP = ['/snap/bin', '/usr/local/sbin', '/usr/local/bin', '/usr/games', '/var/lib/flatpak/exports/bin'];

/** Each scene, and what else is true of the world. */
const classes: Readonly<Record<string, readonly [scene: string, more?: (world: World) => void]>> = {
  'keys in a file': ['keys in the credentials file'],
  'keys and session token in the environment': ['keys in the environment'],
  'the role of a profile': ['a role of a profile'],
  'the role of a profile behind a proxy and a bundle': ['a role of a profile', (world) => network(world, 'proxy')],
  'single sign-on': ['single sign-on'],
  'a web identity (IRSA)': ['a web identity'],
  credential_process: ['credential_process'],
  "a desktop's PATH": [
    'a profile',
    (world) => world.set('PATH', [...DESKTOP, world.env.PATH, `${world.home}/.local/bin`].join(':')),
  ],
};

let surroundings: Surroundings;
let script: ScriptDoor;

beforeAll(async () => {
  const authority = createCertificateAuthority('local AWS');
  const [one, two] = [await startHashingAWS('one', authority), await startHashingAWS('two', authority)];
  surroundings = { one, two, certificate: authority.certificate };
  const { script: path } = install(temporaryFolder('script'));
  const [first] = everyShell();
  script = { name: 'the script', words: [...(first?.command ?? []), path] };
});
afterAll(async () => {
  await surroundings?.one.close();
  await surroundings?.two.close();
});

function sceneOf(name: string, more: (world: World) => void = () => undefined): Scene {
  const scene = scenes.find((one) => one.name === name);
  if (scene === undefined) throw new Error(`no scene ${name}`);
  return {
    name,
    make: (world, random) => {
      scene.make(world, random);
      more(world);
    },
  };
}

describe('The script without Node', () => {
  it.concurrent.each(Object.entries(classes))('answers unchanged worlds with %s', async (name, [scene, more]) => {
    let stored = 0;
    const left: string[] = [];
    for (let index = 0; stored < WORLDS; index += 1) {
      const random = seededRandom(SEED * 10_007 + index);
      const choose = (world: World) => (world.has('file argument') ? undefined : []);
      const pair = { name: `${name} ${index}`, scene: sceneOf(scene, more), choose, random };
      const outcome = await runPair(pair, surroundings, [script]);
      if (!outcome?.stored) continue;
      stored += 1;
      if (!outcome.hits.has(script.name)) left.push(outcome.story.slice(0, 3).join(' | '));
    }
    console.log(`${name}: ${stored - left.length} of ${stored} worlds were answered by the script (seed ${SEED})`);
    expect((stored - left.length) / stored, left.join('\n')).toBeGreaterThanOrEqual(LEAST);
  });
});
