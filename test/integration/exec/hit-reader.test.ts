import { execFile } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { packageFile } from '../../../src/plugin/package-file.ts';
import { hitCases } from '../../hit-cases/hit-cases.ts';
import { type Prepared, prepare, TOKEN } from '../../support/prepare-hit-case.ts';
import { temporaryDirectory } from '../../support/test-cache.ts';

/** Puts every question to the reader in one process: what it prints, or nothing where it leaves the answer to `main.js`. */
const DRIVER = `
  const fs = require('node:fs');
  const [reader, questions] = JSON.parse(fs.readFileSync(0, 'utf8'));
  const write = fs.writeSync;
  const answers = questions.map(({ words, env }) => {
    let printed = '';
    fs.writeSync = (file, text) => void (printed += file === 1 ? text : '');
    process.argv = [process.argv[0], reader, ...words];
    process.env = env;
    delete require.cache[reader];
    require(reader);
    return printed;
  });
  write(1, JSON.stringify(answers));`;

async function ask(questions: readonly Prepared[]): Promise<string[]> {
  const folder = temporaryDirectory();
  const reader = join(folder, 'hit.cjs');
  copyFileSync(packageFile('dist/exec/hit.cjs'), reader);
  writeFileSync(join(folder, 'main.cjs'), '');
  const asked = promisify(execFile)(process.execPath, ['-e', DRIVER], { maxBuffer: 1e8 });
  asked.child.stdin?.end(JSON.stringify([reader, questions.map(({ words, env }) => ({ words, env }))]));
  return JSON.parse((await asked).stdout);
}

/** What Node answers, and its first file leaves to the rest: command lines that have to be read with more care, and rarities. */
const LEFT =
  /^(a flag given twice|an abbreviated flag|a flag without any effect|a value that looks like a flag|an entry for Node only|KUBERNETES_EXEC)/;

it('The first file of Node gives the answers of the table, and leaves few of them to the rest', async () => {
  const cases = hitCases.filter(({ asRoot }) => !asRoot || process.geteuid?.() === 0);
  const worlds: Prepared[] = [];
  try {
    for (const hitCase of cases) worlds.push(await prepare(hitCase));
    const answers = await ask(worlds);
    const wrong = cases.flatMap(({ title, verdict, apiVersion = 'v1beta1' }, index) => {
      const printed = answers[index] ?? '';
      const hit = printed !== '';
      if (hit) {
        const { apiVersion: version, status } = JSON.parse(printed);
        if (status.token !== TOKEN || !version.endsWith(`/${apiVersion}`)) return [`${title}: another answer`];
      }
      const expected = verdict === 'hit' || (verdict === 'node' && !LEFT.test(title));
      return hit === expected ? [] : [`${title}: ${hit ? 'hit' : 'left'}, and the table says ${verdict}`];
    });
    expect(wrong).toEqual([]);
  } finally {
    for (const { remove } of worlds) remove();
  }
}, 120_000);
