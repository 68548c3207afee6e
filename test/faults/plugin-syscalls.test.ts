import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { NOWHERE } from '../support/paths.ts';
import { expectHealed, FaultWorld, isRight } from '../support/plugin-calls.ts';

// Each system call that touches the cache, as it is counted in an undisturbed run, fails in turn: the disk is full, the disk
// is broken, the process is killed. Errors are never seen by whoever asks; a kill leaves nothing that breaks or slows
// later calls. In CI a part, the same each time; EKSPRESS_FAULTS=all for each and every one.

const FAULT_AT = fileURLToPath(new URL('../support/fault-at.py', import.meta.url));
const ALL = process.env.EKSPRESS_FAULTS === 'all';

const traceable =
  process.platform === 'linux' &&
  process.arch === 'x64' &&
  spawnSync('python3', [FAULT_AT, NOWHERE, '0', 'EIO', '/dev/null', '/bin/true']).status === 0;
if (!traceable) console.log('skipped: no ptrace from Python on Linux x64');

const worlds: FaultWorld[] = [];
afterAll(() => {
  for (const world of worlds.splice(0)) world.remove();
});

interface Scene {
  readonly title: string;
  /** In CI every so many of its points. */
  readonly every: number;
  readonly words: (world: FaultWorld) => readonly string[];
  readonly prepare: (world: FaultWorld) => void;
}

const SCENES: readonly Scene[] = [
  { title: 'a hit', every: 17, words: ({ plugin }) => plugin, prepare: (world) => world.restoreCache() },
  { title: 'a miss through Node', every: 37, words: ({ plugin }) => plugin, prepare: (world) => world.emptyCache() },
  { title: 'the library writing', every: 37, words: ({ library }) => library, prepare: (world) => world.emptyCache() },
];

const WRITES = /^(open|openat|write|mkdir|link|rename|unlink|unlinkat|utimensat|fchmod)$/;

describe.skipIf(!traceable)('the plugin, with each system call in turn failing,', () => {
  it.concurrent.each(SCENES)(
    'survives: $title',
    async ({ title, every, words, prepare }) => {
      const world = new FaultWorld();
      worlds.push(world);
      const log = join(world.home, 'calls');
      const disturbed = (at: number, fault: string) =>
        world.call(['python3', FAULT_AT, world.cache, String(at), fault, log, ...words(world)], {
          // Whichever Python is first on the PATH of the one who runs the tests.
          PATH: `${join(world.home, 'bin')}:${process.env.PATH}`,
        });

      await world.storeNewToken();
      prepare(world);
      expect(isRight(await disturbed(0, 'EIO'))).toBe(true);
      const points = pointsOf(readFileSync(log, 'utf8'));
      const faults = points.flatMap(({ at, name }) => [
        { at, name, fault: 'KILL' },
        { at, name, fault: 'EIO' },
        ...(WRITES.test(name) ? [{ at, name, fault: 'ENOSPC' }] : []),
      ]);
      const chosen = ALL ? faults : faults.filter((_, index) => index % every === 0);
      for (const { at, name, fault } of chosen) {
        // In the last third of its life a token is renewed: that is another story.
        if (world.storedSecondsAgo > 300) await world.storeNewToken();
        const what = `${title}: ${fault} at call ${at}, ${name}`;
        prepare(world);
        const answer = await disturbed(at, fault);
        // Killed, or not, where this run took another way: whatever is printed is right.
        if (fault === 'KILL' && answer.status !== 0) {
          expect({ what, stdout: answer.stdout, right: isRight(answer) }).toEqual(
            expect.toSatisfy(({ stdout, right }) => stdout === '' || right),
          );
        } else {
          expect({ what, ...answer, right: isRight(answer) }).toMatchObject({ what, status: 0, right: true });
        }
        await expectHealed(world, what);
      }
      console.log(`${title}: ${points.length} calls, ${chosen.length} of ${faults.length} faults`);
    },
    ALL ? 3_600_000 : 240_000,
  );
});

/** Where to fail: each call; of a row of the same ones, as of shells that read byte by byte, the ends and the middle. */
function pointsOf(log: string): { at: number; name: string }[] {
  const calls = log
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [at = '', name = '', ...path] = line.split(' ');
      return { at: Number(at), name, path: path.join(' ') };
    });
  const same = (one: number, other: number) =>
    calls[one]?.name === calls[other]?.name && calls[one]?.path === calls[other]?.path;
  return calls.filter((_, index) => {
    let [first, last] = [index, index];
    while (first > 0 && same(first - 1, index)) first -= 1;
    while (last < calls.length - 1 && same(last + 1, index)) last += 1;
    return [first, Math.floor((first + last) / 2), last].includes(index);
  });
}
