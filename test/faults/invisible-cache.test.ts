import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageFile } from '../../src/plugin/package-file.ts';
import { createCertificateAuthority } from '../../src/testing/tls/certificate-authority.ts';
import { startHashingAWS } from '../support/hashing-aws.ts';
import { seededRandom } from '../support/random.ts';
import { everyShell, executable, install, SCRIPT } from '../support/script-shells.ts';
import { SEED } from '../support/seed.ts';
import { withValues } from '../support/sh.ts';
import { temporaryFolder } from '../support/temporary.ts';
import type { Surroundings, World } from '../support/world.ts';
import type { Change } from '../support/world-change.ts';
import { LEFT_TO_NODE } from '../support/world-doors.ts';
import { environmentChanges } from '../support/world-environment-changes.ts';
import { fileChanges } from '../support/world-file-changes.ts';
import { idleChanges } from '../support/world-idle-changes.ts';
import {
  LIBRARY,
  type Outcome,
  type Pair,
  report,
  runPair,
  type ScriptDoor,
  tellsApart,
} from '../support/world-pair.ts';
import { programChanges, wordChanges } from '../support/world-program-changes.ts';
import { type Scene, scenes } from '../support/world-scenes.ts';
import { sessionChanges } from '../support/world-session-changes.ts';
import { undecidedChanges } from '../support/world-undecided-changes.ts';

/**
 * The cache is invisible. A world fills the cache, something happens to it, and each door that reads the cache says what
 * a mint without a cache says: the same cluster, host, scope and principal, and no later end.
 *
 * EKSPRESS_PAIRS sets the number of random pairs, EKSPRESS_SEED repeats a run.
 */
const PAIRS = Number(process.env.EKSPRESS_PAIRS ?? 500);
/** Every so many pairs are asked at every door, those of the other shells and of Node behind the script included. */
const EVERY = 20;
/** Pairs wait for programs and for the ticks of the file system. */
const AT_A_TIME = 3;

const changes: readonly Change[] = [
  ...environmentChanges,
  ...undecidedChanges,
  ...fileChanges,
  ...sessionChanges,
  ...programChanges,
  ...wordChanges,
];

let surroundings: Surroundings;
let script: ScriptDoor;
/** Asked after every change: the script, and the first file of Node behind it. */
let quickDoors: readonly ScriptDoor[];
let everyDoor: readonly ScriptDoor[];

beforeAll(async () => {
  const authority = createCertificateAuthority('local AWS');
  const [one, two] = [await startHashingAWS('one', authority), await startHashingAWS('two', authority)];
  surroundings = { one, two, certificate: authority.certificate };
  const { script: path } = install(temporaryFolder('script'));
  const [first, ...others] = everyShell().map(({ name, command }) => ({ name, words: [...command, path] }));
  script = first as ScriptDoor;
  quickDoors = [script, hitReader()];
  everyDoor = [...quickDoors, ...others, withNode()];
});
afterAll(async () => {
  await surroundings?.one.close();
  await surroundings?.two.close();
});

/** What Node loads first: it answers from the cache, or leaves the answer to the file beside it. */
function hitReader(): ScriptDoor {
  const folder = temporaryFolder('reader');
  const path = join(folder, 'hit.cjs');
  copyFileSync(packageFile('dist/exec/hit.cjs'), path);
  writeFileSync(join(folder, 'main.cjs'), `console.log(${JSON.stringify(LEFT_TO_NODE)});\n`);
  return { name: 'hit.cjs', words: [process.execPath, path] };
}

/** The script with the real Node and the package behind it. */
function withNode(): ScriptDoor {
  const values = {
    ekspress_node: process.execPath,
    ekspress_package: fileURLToPath(new URL('../..', import.meta.url)),
  };
  const path = join(temporaryFolder('script'), 'ekspress-exec');
  executable(path, withValues(readFileSync(SCRIPT, 'utf8'), values));
  return { name: 'the script and Node', words: ['/bin/sh', path] };
}

function sceneCalled(name: string): Scene {
  const scene = scenes.find((one) => one.name === name);
  if (scene === undefined) throw new Error(`no scene ${name}`);
  return scene;
}

/** The first worlds of a scene to which a change can happen. */
async function pairsOf(change: Change, doors: readonly ScriptDoor[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const choose = (world: World) => (change.fits?.(world) === false ? undefined : [change]);
  for (let seed = 1; outcomes.length < (change.times ?? 1); seed += 1) {
    if (seed > 500) throw new Error(`no world fits: ${change.kind}`);
    const pair: Pair = { name: `world ${seed}`, scene: sceneCalled(change.scene), choose, random: seededRandom(seed) };
    const outcome = await runPair(pair, surroundings, doors);
    if (outcome !== undefined) outcomes.push(outcome);
  }
  return outcomes;
}

const named = (some: readonly Change[]) => some.map((change) => ({ kind: change.kind, change }));

describe('every door that reads the cache', () => {
  it.concurrent.each(named(changes))('sees $kind', async ({ change }) => {
    for (const outcome of await pairsOf(change, quickDoors)) {
      // A change that makes no difference tries nothing.
      if (change.relevant === 'yes') expect(tellsApart(outcome), report(outcome)).toBe(true);
      expect(outcome.wrong, report(outcome)).toEqual([]);
    }
  });

  it.concurrent.each(named(idleChanges))('serves the same token after $kind', async ({ change }) => {
    for (const outcome of await pairsOf(change, quickDoors)) {
      expect(outcome.wrong, report(outcome)).toEqual([]);
      expect([...outcome.hits], report(outcome)).toContain(LIBRARY);
    }
  });
});

describe('two worlds that differ in some things', () => {
  it(`are told apart at every door (${PAIRS} pairs, seed ${SEED})`, { timeout: 100_000 + PAIRS * 1000 }, async () => {
    const began = Date.now();
    const outcomes = await randomPairs();
    const seconds = Math.round((Date.now() - began) / 1000);
    const wrong = outcomes.filter((outcome) => outcome.wrong.length > 0);
    console.log(`invisible cache, seed ${SEED}: ${outcomes.length} pairs in ${seconds} s, ${shares(outcomes)}`);
    expect(wrong.map(report).join('\n\n')).toBe('');
  });
});

async function randomPairs(): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let index = 0;
  const worker = async () => {
    while (index < PAIRS) {
      const doors = index % EVERY === 0 ? everyDoor : index % 4 === 0 ? quickDoors : [script];
      const seed = SEED * 100_003 + index;
      index += 1;
      const outcome = await runPair(randomPair(seed), surroundings, doors);
      if (outcome !== undefined) outcomes.push(outcome);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return outcomes;
}

function randomPair(seed: number): Pair {
  const random = seededRandom(seed);
  const scene = random.pick(scenes);
  const all = random.chance(0.3) ? idleChanges : random.chance(0.3) ? [...changes, ...idleChanges] : changes;
  const count = random.pick([1, 1, 1, 2, 3]);
  const choose = (world: World) => random.shuffled(all.filter(({ fits }) => fits?.(world) !== false)).slice(0, count);
  return { name: `pair ${seed}`, scene, choose, random };
}

/** How many of the worlds in which nothing has changed got the same token again, and where the script left it to Node. */
function shares(outcomes: readonly Outcome[]): string {
  const still = outcomes.filter(
    ({ changes: some, first }) => first.kind === 'token' && some.every(({ relevant }) => relevant === 'no'),
  );
  const stored = still.filter((outcome) => outcome.stored);
  const missed = (door: string) => stored.filter(({ hits, cached }) => cached.has(door) && !hits.has(door));
  const asked = (door: string) => stored.filter(({ cached }) => cached.has(door)).length;
  const percent = (door: string) => Math.round(100 - (100 * missed(door).length) / asked(door));
  const left = missed(script.name).map(({ pair, story }) => [pair.scene.name, ...story.slice(0, 1)].join(': '));
  return [
    `${still.length} unchanged, ${stored.length} of them stored`,
    ...[script.name, 'hit.cjs', LIBRARY].map((door) => `hits of ${door} ${percent(door)} %`),
    ...(process.env.EKSPRESS_PAIRS === undefined ? [] : [`left to Node:\n  ${left.join('\n  ')}`]),
  ].join(', ');
}
