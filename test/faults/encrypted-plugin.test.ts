import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { packageFile } from '../../src/plugin/package-file.ts';
import { PLAIN } from '../hit-cases/constants.ts';
import type { HitMint } from '../hit-cases/hit-case.ts';
import { PATH } from '../support/paths.ts';
import { type Prepared, prepare, TOKEN } from '../support/prepare-hit-case.ts';
import { install, run, shells } from '../support/script-shells.ts';

// What the script does beside a plain entry, Node does beside an encrypted one: who got it, and whether it gets renewed.

const KUBECTL =
  '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","spec":{"interactive":false}}\n';
const HIT = 'hit';
const MINT = 'mint';

const opened: Prepared[] = [];
afterEach(() => {
  for (const { remove } of opened.splice(0)) remove();
});

/** The script and Node's reader of hits, with a stand-in for what makes tokens: it writes down what it was asked for. */
async function world(stored: HitMint, status = 0) {
  const prepared = await prepare({
    title: '',
    verdict: 'node',
    stored,
    words: ['--encrypt={home}/safe/key', ...PLAIN],
  });
  opened.push(prepared);
  const { root } = prepared.world;
  const installed = install(root, `exec '${process.execPath}' "$@"`);
  copyFileSync(packageFile('dist/exec/hit.cjs'), join(installed.package, 'dist/exec/hit.cjs'));
  const main = `
    const { EKSPRESS_NEWER_THAN: newer, EKSPRESS_GUESS: guess, EKSPRESS_BACKGROUND: background } = process.env;
    require('node:fs').appendFileSync(${JSON.stringify(join(root, 'asked'))}, JSON.stringify([newer, guess, background]) + '\\n');
    if (${status} === 0) process.stdout.write('made');
    exports.ended = Promise.resolve(${status});
    process.exitCode = ${status};`;
  writeFileSync(join(installed.package, 'dist/exec/main.cjs'), main);
  const asked = (): unknown[] => {
    const path = join(root, 'asked');
    const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
    return lines.map((line) => JSON.parse(line));
  };
  return { ...prepared, ...installed, asked };
}
type World = Awaited<ReturnType<typeof world>>;

describe.each(shells)('an encrypted entry, with the script under $name', ({ command }) => {
  const environment = (here: World, more = {}) => ({
    PATH,
    LC_ALL: 'C.UTF-8',
    KUBERNETES_EXEC_INFO: KUBECTL,
    ...here.env,
    ...more,
  });
  const words = (here: World): string[] => [...command, here.script, ...here.words];

  /** A client that asks so often, one answer after the other. */
  const client = async (here: World, times: number, env = {}): Promise<string[]> => {
    const program = `
      const { spawnSync } = require('node:child_process');
      const [times, words] = JSON.parse(process.argv[1]);
      const answers = Array.from({ length: times }, () => {
        const { stdout } = spawnSync(words[0], words.slice(1), { encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'] });
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
        return stdout;
      });
      process.stdout.write(JSON.stringify(answers));`;
    const { stdout } = await run([process.execPath, '-e', program, JSON.stringify([times, words(here)])], {
      ...environment(here, env),
    });
    return (JSON.parse(stdout) as string[]).map((answer) => (answer.includes(TOKEN) ? HIT : answer === '' ? '' : MINT));
  };

  it('is served once to the process that got it: after that a newer token is made', async () => {
    const here = await world({ secondsAgo: 30 });
    const minted = Math.floor(Date.now() / 1000) - 30;
    expect(await client(here, 2)).toEqual([HIT, MINT]);
    const [[newer, guess, background] = []] = here.asked() as unknown[][];
    expect({ guess, background }).toEqual({ guess: '1', background: null });
    expect(Math.abs(Number(newer) - minted)).toBeLessThan(30);
  });

  it('is served once more where no other can be made for now, and not a third time', async () => {
    const here = await world({ secondsAgo: 30 }, 76);
    expect(await client(here, 3)).toEqual([HIT, HIT, '']);
    expect(here.asked()).toEqual([
      [expect.any(String), '1', null],
      [expect.any(String), null, null],
    ]);
  });

  it('is not served again where the identity is refused', async () => {
    expect(await client(await world({ secondsAgo: 30 }, 77), 2)).toEqual([HIT, '']);
  });

  it('counts as refused for the process that got it alone, for clients as kubectl, and once it is ten seconds old', async () => {
    const here = await world({ secondsAgo: 30 });
    expect([await client(here, 1), await client(here, 1)]).toEqual([[HIT], [HIT]]);
    expect(await client(here, 2, { KUBERNETES_EXEC_INFO: '' })).toEqual([HIT, HIT]);
    expect(await client(await world({ secondsAgo: 3 }), 3)).toEqual([HIT, HIT, HIT]);
  });

  it('says in its notes nothing in clear', async () => {
    const here = await world({ secondsAgo: 30 });
    await client(here, 1);
    const notes = readdirSync(here.world.directory).filter((name) => /\.asked\d$/.test(name));
    expect(notes).toEqual([expect.stringMatching(/^[\w-]{32}\.sealed\.asked\d$/)]);
    expect(readFileSync(join(here.world.directory, notes[0] ?? ''), 'latin1')).not.toContain('node');
  });

  it('is renewed by one process in the background, in the last third of its life', async () => {
    const here = await world({ secondsAgo: 600 });
    const env = { KUBERNETES_EXEC_INFO: '' };
    expect(await client(here, 3, env)).toEqual([HIT, HIT, HIT]);
    for (let turn = 0; turn < 250 && here.asked().length === 0; turn += 1)
      await new Promise((done) => setTimeout(done, 20));
    expect(here.asked()).toEqual([[expect.any(String), null, '1']]);
    const young = await world({ secondsAgo: 300 });
    const attended = await world({ secondsAgo: 600, unattended: false });
    for (const other of [young, attended]) {
      expect(await client(other, 1, env)).toEqual([HIT]);
      expect(readdirSync(other.world.directory).filter((name) => name.includes('.renew'))).toEqual([]);
    }
  });
});
