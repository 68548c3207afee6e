import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noteSkipped, optionalProgram } from '../../support/optional-programs.ts';
import { NOWHERE, PATH } from '../../support/paths.ts';
import { forget, type Prepared, prepare, TOKEN } from '../../support/prepare-hit-case.ts';
import {
  executable,
  type Installation,
  install,
  NODE_ANSWER,
  run,
  SCRIPT,
  shells,
} from '../../support/script-shells.ts';

const info = '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false}}\n';

const unshare = optionalProgram('unshare');
const mount = optionalProgram('mount');
const namespaces =
  unshare !== undefined &&
  mount !== undefined &&
  spawnSync(unshare, ['-m', mount, '-t', 'tmpfs', 'none', '/proc'], { stdio: 'ignore' }).status === 0;
if (!namespaces) noteSkipped('no mount namespaces');

/** Turkish has two letters i; Korean has none of ours. */
const localeFolder = mkdtempSync(join(tmpdir(), 'ekspress-locales-'));
const localedef = optionalProgram('localedef');
const locales = new Set(
  ['tr_TR', 'ko_KR'].flatMap((locale) => {
    const path = `${join(localeFolder, locale)}.UTF-8`;
    if (localedef === undefined) return [];
    const made = spawnSync(localedef, ['-i', locale, '-f', 'UTF-8', path], { stdio: 'ignore' });
    return made.status === 0 ? [`${locale}.UTF-8`] : [];
  }),
);
afterAll(() => rmSync(localeFolder, { recursive: true }));

let prepared: Prepared;
let installation: Installation;

beforeAll(async () => {
  prepared = await prepare({ title: '', verdict: 'hit' });
  installation = install(prepared.world.root);
});
afterAll(() => prepared.remove());

describe.each(shells)('a hit under $name', ({ name, command }) => {
  const base = () => ({ PATH, LC_ALL: 'C.UTF-8', ...prepared.env });
  const words = () => [...command, installation.script, ...prepared.words];
  /** Runs the script behind a line of sh that sets the scene; `"$@"` is the script. */
  const behind = (line: string, env = {}) => {
    forget(prepared);
    return run(['/bin/sh', '-c', line, 'sh', ...words()], { ...base(), ...env });
  };

  it.each<[string, string, Record<string, string>?]>([
    ['an IFS of letters', 'exec "$@"', { IFS: 'aekus_-;|"' }],
    ['an empty IFS', 'exec "$@"', { IFS: '' }],
    ['a umask that forbids everything', 'umask 777; exec "$@"'],
    ['no stdin', 'exec "$@" <&-'],
    ['no stderr', 'exec "$@" 2>&-'],
    ['no descriptor but stdout', 'exec "$@" <&- 2>&-'],
    ['a working directory that is gone', 'mkdir "$HOME/gone" && cd "$HOME/gone" && rmdir "$HOME/gone"; exec "$@"'],
    ['a working directory full of names like ours', 'cd "$HOME/names" && exec "$@"'],
    ['few descriptors', 'ulimit -n 20; exec "$@"'],
    [
      'options of bash from outside',
      'exec "$@"',
      { SHELLOPTS: 'errexit:nounset:noclobber:allexport:noglob:xtrace:verbose' },
    ],
    ['an environment file that would be sourced', 'exec "$@"', { ENV: '/nonexistent', BASH_ENV: '/nonexistent' }],
    ['a locale that is not installed', 'exec "$@"', { LC_ALL: 'et_EE.UTF-8' }],
    ['CDPATH, PS4 and a posix wish', 'exec "$@"', { CDPATH: '/', PS4: '$(id)', POSIXLY_CORRECT: '1' }],
    [
      'a very large environment',
      'exec "$@"',
      Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`V${n}`, 'x'.repeat(90)])),
    ],
  ])('stays a hit with %s', async (_, line, env) => {
    mkdirSync(join(prepared.world.home, 'names'), { recursive: true });
    for (const file of ['1', '-', 'aws', '1;aws', '*']) writeFileSync(join(prepared.world.home, 'names', file), '');
    const { stdout, stderr } = await behind(line, env);
    expect(JSON.parse(stdout)).toMatchObject({ status: { token: TOKEN } });
    // Shells have their own words about some of this; the script has none.
    expect(stderr).not.toMatch(/ek_|\[: |test: |: line \d/);
  });

  it('fails where its answer cannot be printed, and puts it in no other place', async () => {
    const env = { KUBERNETES_EXEC_INFO: info };
    const before = readdirSync(prepared.world.root, { recursive: true, encoding: 'utf8' });
    const closed = await behind('exec "$@" >&-', env);
    // The others find out when they have ended.
    const sure = !['ksh93', 'zsh'].includes(name);
    if (sure) expect(closed.status).not.toBe(0);
    expect(closed.stdout + closed.stderr).not.toContain(TOKEN);
    for (const file of readdirSync(prepared.world.root, { recursive: true, encoding: 'utf8' })) {
      if (before.includes(file) || !/\.(asked\d|busy|renew\d+)$/.test(file)) continue;
      expect(readFileSync(join(prepared.world.root, file), 'utf8')).not.toContain('k8s-aws-v1');
    }
    if (sure && existsSync('/dev/full')) expect((await behind('exec "$@" >/dev/full', env)).status).not.toBe(0);
  });

  it.runIf(namespaces)('is decided by the wall clock without /proc', async () => {
    const line = `exec '${unshare}' -m sh -c '${mount} -t tmpfs none /proc && exec "$@"' sh "$@"`;
    const env = { KUBERNETES_EXEC_INFO: info, EKS_TOKEN_DEBUG: '1' };
    const { stdout, stderr } = await behind(line, env);
    expect(JSON.parse(stdout)).toMatchObject({ status: { token: TOKEN } });
    expect(stderr).toMatch(/^\[DEBUG\] hit: .*\n$/);
    for (const [hostBound, secondsAgo, why] of [
      [true, 0, 'made on another host'],
      [false, 800, 'too old'],
      [false, -60, 'minted in the future'],
    ] as const) {
      const other = await prepare({ title: '', verdict: 'miss', stored: { hostBound, secondsAgo } });
      try {
        const asked = await run(['/bin/sh', '-c', line, 'sh', ...command, installation.script, ...other.words], {
          ...base(),
          ...env,
          ...other.env,
        });
        expect(asked).toMatchObject({ stdout: `${NODE_ANSWER}\n`, stderr: `[DEBUG] miss: ${why}\n` });
      } finally {
        other.remove();
      }
    }
  });

  it.runIf(locales.size > 0)('stays a hit in locales with other letters, other digits, other cases', async () => {
    for (const locale of locales) {
      const env = { LC_ALL: locale, LANG: locale, LOCPATH: localeFolder };
      expect(JSON.parse((await behind('exec "$@"', env)).stdout)).toMatchObject({ status: { token: TOKEN } });
      expect((await behind('exec "$@"', { ...env, AWS_PROFILE: '\u0131\u0130\ud55c' })).stdout).toBe(
        `${NODE_ANSWER}\n`,
      );
      expect((await behind('exec "$@"', { ...env, AWS_REGION: 'US-EAST-1' })).stdout).toBe(`${NODE_ANSWER}\n`);
    }
  });

  it('shows no token in a trace that was asked for from outside', async () => {
    const { stderr } = await behind('exec "$@"', { SHELLOPTS: 'xtrace:verbose' });
    expect(stderr).not.toContain(TOKEN);
  });

  it("ignores what the environment says about the script's own variables", async () => {
    const names = new Set(readFileSync(SCRIPT, 'utf8').match(/\bek_\w+/g));
    const junk = Object.fromEntries([...names].map((variable) => [variable, 'junk']));
    const { stdout } = await behind('exec "$@"', junk);
    expect(JSON.parse(stdout)).toMatchObject({ status: { token: TOKEN } });
    const other = await behind('exec "$@"', { ...junk, AWS_PROFILE: 'other' });
    expect(other.stdout).toBe(`${NODE_ANSWER}\n`);
  });

  it.each<[string, Record<string, string>]>([
    ['unset', {}],
    ['empty', { HOME: '' }],
    ['relative', { HOME: 'home' }],
    ['of spaces, quotes and line breaks', { HOME: '/tmp/a b"c\'d\ne$(id)`id`*\\' }],
  ])('is left to Node without a word for a HOME that is %s', async (_, { HOME }) => {
    const { HOME: _home, ...rest }: Record<string, string | undefined> = base();
    const env = HOME === undefined ? rest : { ...rest, HOME };
    expect(await run(words(), env)).toEqual({ status: 0, stdout: `${NODE_ANSWER}\n`, stderr: '' });
  });

  it.each([
    '\\0377',
    'caf\\0303\\0251',
    '\\0001\\0002',
    '$(touch "$HOME/executed")',
    '`touch "$HOME/executed"`',
    'a|=b',
    '%2F',
    '*',
  ])('is never the token of another profile, for one that is called %s', async (profile) => {
    // Where its locale knows the other bytes, yash cannot tell a broken one from an unset variable.
    const locales = name === 'yash' && profile === '\\0377' ? ['C'] : ['C', 'C.UTF-8'];
    for (const locale of locales) {
      const line = 'AWS_PROFILE=$(printf %b "$ODD"); export AWS_PROFILE; exec "$@"';
      const { stdout } = await behind(line, { ODD: profile, LC_ALL: locale });
      expect(stdout).toBe(`${NODE_ANSWER}\n`);
    }
    expect(existsSync(join(prepared.world.home, 'executed'))).toBe(false);
  });

  it('takes a clock that does not answer with a number for no clock, and finds that of the system without a PATH', async () => {
    const other = await prepare({
      title: '',
      verdict: 'hit',
      stored: { machine: { bootId: 'another', uptimeSeconds: undefined } },
    });
    try {
      const { script } = install(other.world.root);
      executable(join(other.world.root, 'date'), '#!/bin/sh\necho soon\n');
      const ask = async (path: string) => {
        const { stdout } = await run([...command, script, ...other.words], { ...base(), ...other.env, PATH: path });
        return stdout;
      };
      // bash and busybox count the seconds themselves.
      if (['bash', 'bash (not as sh)', 'busybox'].includes(name)) expect(await ask(other.world.root)).toContain(TOKEN);
      else expect(await ask(other.world.root)).toBe(`${NODE_ANSWER}\n`);
      expect(await ask(NOWHERE)).toContain(TOKEN);
    } finally {
      other.remove();
    }
  });

  it('does not come from the cache when its own original command calls it', async () => {
    const { root } = prepared.world;
    executable(join(root, 'aws'), "#!/bin/sh\necho 'ORIGINAL ANSWERED'\n");
    const { stdout } = await behind('exec "$@"', { EKSPRESS_DEPTH: '1', PATH: `${root}:${PATH}` });
    expect(stdout).toBe('ORIGINAL ANSWERED\n');
  });
});
