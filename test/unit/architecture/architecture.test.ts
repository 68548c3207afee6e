import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  crowdedFolders,
  cyclesOf,
  eagerPackages,
  folderCyclesOf,
  MAX_FILES,
  MAX_LINES,
  violationsOf,
} from '../../support/import-rules.ts';
import { listFiles, parseSourceFile, readSourceFile } from '../../support/source-file.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const files = listFiles(root, 'src', '.ts').map((path) => readSourceFile(root, path));

describe('the shape of src', () => {
  it('keeps every import, environment read and file length within the rules', () => {
    expect(files.flatMap(violationsOf)).toEqual([]);
  });

  it('has no import cycle, type-only and lazy imports included', () => {
    expect(cyclesOf(files)).toEqual([]);
  });

  it('has no two folders below the roofs that import each other', () => {
    expect(folderCyclesOf(files)).toEqual([]);
  });

  it(`has no folder with more than ${MAX_FILES} loose files`, () => {
    expect(crowdedFolders(files)).toEqual([]);
  });

  it.each(['src/index.ts', 'src/exec/main.ts', 'src/mcp/index.ts', 'src/metrics/index.ts', 'src/testing/index.ts'])(
    '%s loads no third-party package',
    (entry) => {
      expect(
        files.map((file) => file.path),
        'the entry exists',
      ).toContain(entry);
      expect(eagerPackages(entry, files)).toEqual([]);
    },
  );

  it('imports only files that exist', () => {
    const missing = files.flatMap((file) =>
      file.imports
        .filter(({ target }) => target.kind === 'file' && !existsSync(join(root, target.name)))
        .map(({ line, specifier }) => `${file.path}:${line} imports '${specifier}', which does not exist`),
    );
    expect(missing).toEqual([]);
  });

  it('leaves no reminder of unfinished work in code, scripts and documents', () => {
    const documents = readdirSync(root).filter((name) => name.endsWith('.md'));
    const paths = [...listFiles(root, 'src'), ...listFiles(root, 'bin'), ...listFiles(root, 'docs'), ...documents];
    const reminders = paths
      .filter((path) => !path.startsWith('docs/api/'))
      .flatMap((path) =>
        readFileSync(join(root, path), 'utf8')
          .split('\n')
          .flatMap((line, index) => (/\b(TODO|FIXME|XXX)\b/.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : [])),
      );
    expect(reminders).toEqual([]);
  });
});

describe('the rules that check src', () => {
  it('see a way back between folders, also across a third folder', () => {
    const a = parseSourceFile('src/aws/plan/a.ts', "import type { B } from '../mint/b.ts';");
    const b = parseSourceFile('src/aws/mint/b.ts', "import { c } from '../token/c.ts';");
    const c = parseSourceFile('src/aws/token/c.ts', "import { x } from '../plan/x.ts';");
    expect(folderCyclesOf([a, b, c])).toEqual(['src/aws/plan -> src/aws/mint -> src/aws/token -> src/aws/plan']);
    expect(folderCyclesOf([a, b])).toEqual([]);
  });

  it.each([
    [
      'src/cache/key.ts',
      "import { mint } from '../aws/mint.ts';",
      'below cache lies recording, store, system, text, errors, host',
    ],
    [
      'src/cache/key.ts',
      "import type { Plan } from '../kubeconfig/files.ts';",
      'below cache lies recording, store, system, text, errors, host',
    ],
    [
      'src/cache/key.ts',
      "const x = await import('../aws/mint.ts');",
      'below cache lies recording, store, system, text, errors, host',
    ],
    [
      'src/cache/key.ts',
      "export { mint } from '../aws/mint.ts';",
      'below cache lies recording, store, system, text, errors, host',
    ],
    [
      'src/cache/key.ts',
      "let x: import('../aws/mint.ts').Mint;",
      'below cache lies recording, store, system, text, errors, host',
    ],
    ['src/system/run-program.ts', "import { hit } from '../cache/key.ts';", 'below system lies errors, host'],
    ['src/text/names.ts', "import { EKSAuthError } from '../errors.ts';", 'below text lies nothing'],
    ['src/cli/main.ts', "import { miss } from '../exec/main.ts';", 'imports go down only'],
    ['src/mcp/main.ts', "import { status } from '../cli/status.ts';", 'imports go down only'],
    ['src/testing/index.ts', "import { hostFrom } from '../host.ts';", 'below testing lies errors'],
    ['src/helpers/x.ts', "import { EKSAuthError } from '../errors.ts';", 'give it a place'],
    ['src/aws/x.ts', "import { y } from '../../test/y.ts';", 'nothing outside of src'],
    ['src/cluster/x.ts', "import { parse } from 'yaml';", 'only src/kubeconfig imports yaml'],
    ['src/cluster/x.ts', "const s = import('@aws-sdk/client-sts');", 'only src/aws imports @aws-sdk/client-sts'],
    ['src/aws/x.ts', "import { STSClient } from '@aws-sdk/client-sts';", 'is loaded lazily'],
    ['src/aws/x.ts', "import type { KubeConfig } from '@kubernetes/client-node';", 'only src/cluster'],
    ['src/cache/x.ts', "import lock from 'proper-lockfile';", 'has no owner'],
    ['src/cache/x.ts', 'const x = await import(name);', 'has no owner'],
    ['src/cli/status.ts', "const { startLocalEKS } = await import('ekspress/testing');", 'has no owner'],
    ['src/aws/plan/x.ts', "import { readFileSync } from 'node:fs';", 'through the recorder only'],
    ['src/aws/credentials/x.ts', "const fs = await import('node:fs/promises');", 'through the recorder only'],
    ['src/aws/mint/x.ts', "import { findProgram } from '../../system/find-program.ts';", 'through the recorder only'],
    ['src/aws/x.ts', 'const home = process.env.HOME;', 'take a Host'],
    ['src/aws/x.ts', "import { env } from 'node:process';", 'take a Host'],
    ['src/aws/x.ts', 'const { env } = globalThis.process;', 'take a Host'],
    ['src/cli/x.ts', 'const own = { ...host.env, ...config.exec.env.toEnvironment() };', 'use overlaid()'],
    ['src/aws/x.ts', '\n'.repeat(MAX_LINES + 1), `at most ${MAX_LINES}`],
  ])('find in %s: %s', (path, text, rule) => {
    expect(violationsOf(parseSourceFile(path, text)).join('\n')).toContain(rule);
  });

  it.each([
    ['src/cluster/x.ts', "import { TokenManager } from '../aws/token-manager.ts';"],
    ['src/cluster/x.ts', "import type { KubeConfig } from '@kubernetes/client-node';"],
    ['src/aws/x.ts', "const sts = await import('@aws-sdk/client-sts');"],
    ['src/cache/x.ts', "import { replaceFile } from '../system/replace-file.ts';"],
    ['src/kubeconfig/x.ts', "import { parseDocument } from 'yaml';"],
    ['src/cli/demo/story.ts', "const { startLocalEKS } = await import('ekspress/testing');"],
    ['src/exec/main.ts', 'const home = process.env.HOME;'],
    ['src/aws/x.ts', "const text = 'process.env'; // no process.env"],
  ])('find nothing in %s: %s', (path, text) => {
    expect(violationsOf(parseSourceFile(path, text))).toEqual([]);
  });

  it('find a cycle however its imports are written', () => {
    const a = parseSourceFile('src/aws/a.ts', "import type { B } from './b.ts';");
    const b = parseSourceFile('src/aws/b.ts', "const a = await import('./a.ts');");
    expect(cyclesOf([a, b])).toEqual(['src/aws/a.ts -> src/aws/b.ts -> src/aws/a.ts']);
  });

  it('follow eager imports only, through every file on the way', () => {
    const index = parseSourceFile('src/index.ts', "export { a } from './kubeconfig/a.ts';");
    const a = parseSourceFile('src/kubeconfig/a.ts', "import './b.ts';\nconst c = await import('./c.ts');");
    const b = parseSourceFile('src/kubeconfig/b.ts', "import { parse } from 'yaml';");
    const c = parseSourceFile('src/kubeconfig/c.ts', "import { x } from '@aws-sdk/client-sts';");
    expect(eagerPackages('src/index.ts', [index, a, b, c])).toEqual([
      'src/index.ts -> src/kubeconfig/a.ts -> src/kubeconfig/b.ts -> yaml',
    ]);
  });
});
