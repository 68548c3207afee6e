import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATH } from '../support/paths.ts';
import { askTypeScript, forget, type Prepared, prepare } from '../support/prepare-hit-case.ts';
import { everyShell, type Installation, install, NODE_ANSWER, run, type Shell } from '../support/script-shells.ts';

// Two readers, one corpus: an entry whose every byte is damaged in turn, or that ends anywhere. Whatever happens to a
// file, both say the same of it, and neither serves it to somebody else.

let prepared: Prepared;
let installation: Installation;
let whole: Buffer;
let dated: { atime: Date; mtime: Date };

beforeAll(async () => {
  prepared = await prepare({ title: '', verdict: 'hit', env: { AWS_PROFILE: 'acme' }, stored: { hostBound: true } });
  installation = install(prepared.world.root);
  whole = readFileSync(prepared.world.entry);
  dated = statSync(prepared.world.entry);
});
afterAll(() => prepared.remove());

type Verdict = { hit: false } | { hit: true; token: string };

/** Puts the bytes in place as they are, with the date of the entry, and asks both. */
async function ask({ command }: Shell, bytes: Buffer): Promise<{ node: Verdict; script: Verdict }> {
  const { world, words, env } = prepared;
  writeFileSync(world.entry, bytes);
  utimesSync(world.entry, dated.atime, dated.mtime);
  forget(prepared);
  const read = await askTypeScript(prepared);
  const { stdout } = await run([...command, installation.script, ...words], { PATH, LC_ALL: 'C.UTF-8', ...env });
  return {
    node: read.hit ? { hit: true, token: read.entry.token } : { hit: false },
    script: stdout === `${NODE_ANSWER}\n` ? { hit: false } : { hit: true, token: JSON.parse(stdout).status.token },
  };
}

/** What decides whose token it is, and how long it lives: none of it may be damaged in a hit. */
function decisiveParts(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  const [version, identity, command, flags, host, , up, upEnd, minted, until, life, told] = text
    .slice(text.indexOf('"ekspress":"') + '"ekspress":"'.length)
    .split(';');
  const expiration = /"expirationTimestamp":"[^"]*"/.exec(text)?.[0];
  return [version, identity, command, flags, host, up, upEnd, minted, until, life, told, expiration].join(';');
}

// The token itself is the longest part by far and all alike: a few of its bytes stand for it.
const thinned = (positions: number[], every: number): number[] => {
  const token = whole.indexOf('"token":"') + 20;
  return positions.filter((at) => (at < token || at > whole.length - 8 ? at % every === 0 : at % (97 * every) === 0));
};
const positions = (): number[] => [...whole.keys()];

describe.each(everyShell())('the readers under $name', (shell) => {
  // The fastest of them sees every byte.
  const every = shell.name === 'dash' ? 1 : 7;

  it('take an entry that ends too early for no entry', async () => {
    for (const length of thinned(positions(), every * 3)) {
      expect(await ask(shell, whole.subarray(0, length))).toEqual({ node: { hit: false }, script: { hit: false } });
    }
  });

  it('find a flipped bit where it does harm, and agree on it', async () => {
    for (const at of thinned(positions(), every)) {
      const damaged = Buffer.from(whole);
      const bit = 1 << ((at * 5) % 8);
      damaged[at] = (damaged[at] ?? 0) ^ bit;
      const { node, script } = await ask(shell, damaged);
      const what = `byte ${at}, bit ${bit}: ${damaged.subarray(Math.max(0, at - 20), at + 10)}`;
      // yash reads text only: what its locale does not know is a miss to it.
      if (shell.name === 'yash' && (damaged[at] ?? 0) > 127 && !script.hit) continue;
      expect({ what, ...script }).toEqual({ what, ...node });
      if (script.hit) expect(decisiveParts(damaged)).toBe(decisiveParts(whole));
    }
  });
});
