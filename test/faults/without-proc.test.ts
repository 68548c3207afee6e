import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { packageFile } from '../../src/plugin/package-file.ts';
import { noteSkipped } from '../support/optional-programs.ts';
import { PATH } from '../support/paths.ts';
import { type Prepared, prepare, TOKEN } from '../support/prepare-hit-case.ts';
import { executable, install, run } from '../support/script-shells.ts';
import { canHide, mount, unshare, WITHOUT_PROC } from '../support/without-proc.ts';

const KUBECTL =
  '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","spec":{"interactive":false}}';

const opened: Prepared[] = [];
afterEach(() => {
  for (const { remove } of opened.splice(0)) remove();
});

/** Asks twice from one process. @param ps what stands in for the program of that name; undefined: there is none */
async function askTwice(ps: string | undefined) {
  const prepared = await prepare({
    title: '',
    verdict: 'hit',
    stored: { secondsAgo: 30, machine: { bootId: undefined, uptimeSeconds: undefined } },
  });
  opened.push(prepared);
  const { root } = prepared.world;
  const { script } = install(root);
  const bin = join(root, 'ps');
  mkdirSync(bin);
  executable(
    join(bin, 'ps'),
    ps === undefined ? '#!/bin/sh\nexit 127\n' : `#!/bin/sh\necho "$*" >>'${root}/asked'\n${ps}\n`,
  );
  const client = `
    const { spawnSync } = require('node:child_process');
    const words = JSON.parse(process.argv[1]);
    const ask = () => spawnSync(words[0], words.slice(1), { encoding: 'utf8' }).stdout;
    process.stdout.write(JSON.stringify([ask(), ask()]));`;
  const asked = ['/bin/sh', script, ...prepared.words];
  const own = { LC_ALL: 'C.UTF-8', KUBERNETES_EXEC_INFO: KUBECTL, ROOT: root };
  const env = { ...own, ...prepared.env, PATH: `${bin}:${PATH}` };
  const { stdout } = await run([...WITHOUT_PROC, process.execPath, '-e', client, JSON.stringify(asked)], env);
  const answers = (JSON.parse(stdout) as string[]).map((answer) => (answer.includes(TOKEN) ? 'hit' : 'node'));
  return { answers, root };
}

describe.skipIf(!canHide)('a token that a server has refused, where there is no /proc,', () => {
  it('is replaced when the same client asks again; ps is asked once for its name', async () => {
    const { answers, root } = await askTwice('echo /usr/local/bin/kubectl');
    expect(answers).toEqual(['hit', 'node']);
    expect(readFileSync(join(root, 'asked'), 'utf8')).toMatch(/^-o comm= -p \d+\n$/);
  });

  it.each(['-zsh', '/usr/bin/python3'])(
    'is not seen where %s asks again: its programs ask at any time',
    async (name) => {
      expect((await askTwice(`echo ${name}`)).answers).toEqual(['hit', 'hit']);
    },
  );

  it('is not seen where there is no ps', async () => {
    expect((await askTwice(undefined)).answers).toEqual(['hit', 'hit']);
  });
});

const SYSCTL = '/usr/sbin/sysctl';
const BOOT = 'B0075E55-0000-4000-8000-000000000001';
const hasSysctl = existsSync(SYSCTL);
if (!hasSysctl) noteSkipped('no sysctl');

/**
 * Asks for an entry that belongs to a boot of a Mac, on a Mac that a network has renamed.
 * @param boot what its `sysctl` says; undefined: it fails
 * @param reader the script, or the file of Node behind it
 */
async function askOnMac(boot: string | undefined, reader: 'script' | 'hit.cjs', madeOn = BOOT): Promise<string> {
  const machine = { hostName: madeOn, bootId: undefined, uptimeSeconds: undefined };
  const prepared = await prepare({ title: '', verdict: 'hit', stored: { secondsAgo: 30, hostBound: true, machine } });
  opened.push(prepared);
  const { root } = prepared.world;
  const { script } = install(root);
  const answer = boot === undefined ? 'exit 1' : `[ "$*" = '-n kern.bootsessionuuid' ] && echo ${boot}`;
  const sysctl = executable(join(root, 'sysctl'), `#!/bin/sh\n${answer}\n`);
  const mac = executable(join(root, 'mac.cjs'), "Object.defineProperty(process, 'platform', { value: 'darwin' });\n");
  const words =
    reader === 'script' ? ['/bin/sh', script] : [process.execPath, '--require', mac, packageFile('dist/exec/hit.cjs')];
  const become = [
    'echo renamed.local >/proc/sys/kernel/hostname',
    `${mount} --bind '${sysctl}' ${SYSCTL}`,
    `${mount} -t tmpfs none /proc`,
    'exec "$@"',
  ].join(' && ');
  const hidden = [unshare, '--mount', '--uts', '/bin/sh', '-c', become, 'sh'];
  const env = { LC_ALL: 'C.UTF-8', KUBERNETES_EXEC_INFO: KUBECTL, ...prepared.env, PATH };
  const { stdout } = await run([...hidden, ...words, ...prepared.words], env);
  return stdout.includes(TOKEN) ? 'hit' : 'miss';
}

describe.skipIf(!(canHide && hasSysctl))('an entry of a Mac that is bound to its host', () => {
  it.each(['script', 'hit.cjs'] as const)('is served after a network has renamed the Mac (%s)', async (reader) => {
    expect(await askOnMac(BOOT, reader)).toBe('hit');
  });

  it.each(['script', 'hit.cjs'] as const)('is not served after the next boot (%s)', async (reader) => {
    expect(await askOnMac('B0075E55-0000-4000-8000-000000000002', reader)).toBe('miss');
  });

  it.each(['script', 'hit.cjs'] as const)(
    'belongs to the name of the host where no boot has an id (%s)',
    async (reader) => {
      expect(await askOnMac(undefined, reader, 'renamed.local')).toBe('hit');
      expect(await askOnMac(undefined, reader, 'elsewhere.local')).toBe('miss');
    },
  );
});
