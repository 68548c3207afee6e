import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Installed, packAndInstall } from '../support/installed-package.ts';

let user: Installed;
let folder: string;
beforeAll(() => {
  user = packAndInstall();
  for (const peer of ['@kubernetes/client-node', '@types/node']) user.addPeer(peer);
  folder = join(user.folder, 'examples');
  cpSync(join(user.folder, 'node_modules/ekspress/examples'), folder, { recursive: true });
}, 240_000);
afterAll(() => user?.[Symbol.dispose]());

const STRICT: ts.CompilerOptions = {
  ...{ module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, skipLibCheck: true, types: ['node'] },
  ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, noImplicitOverride: true },
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
};

describe('The programs in examples/typescript, from the packed package', () => {
  it('compile under the strictest settings of a consumer', () => {
    const programs = join(folder, 'typescript');
    const files = readdirSync(programs).map((name) => join(programs, name));
    expect(files.filter((file) => file.endsWith('.mts'))).toHaveLength(5);
    const program = ts.createProgram(files, { ...STRICT, typeRoots: [join(user.folder, 'node_modules/@types')] });
    const complaints = ts
      .getPreEmitDiagnostics(program)
      .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
    expect(complaints).toEqual([]);
    for (const file of files) {
      const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
        compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
      });
      writeFileSync(file.replace(/\.mts$/, '.mjs'), outputText);
    }
  });

  it.each([
    ['all-contexts', {}, /dev: \d+ pods\nstaging: \d+ pods\nprod: \d+ pods/],
    ['from-database', {}, /row-0: 200, for helm: KUBECONFIG=\S+\nrow-1: 200, .*\nrow-2: SERVER_UNTRUSTED/],
    ['proxy', { ONCE: '/version' }, /200 \{"major"/],
    ['own-tests', {}, /all tests passed/],
  ])(
    'do on local clusters what they say: %s',
    (name, env, output) => {
      const words = [join(folder, 'on-local-eks.mjs'), join(folder, 'typescript', `${name}.mjs`)];
      expect(user.run(process.execPath, words, env)).toMatch(output);
    },
    120_000,
  );
});
