import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ManagerOnLocalAWS, managerOnLocalAWS } from '../support/manager-on-local-aws.ts';

let world: ManagerOnLocalAWS;
let code: string;
let file: string;

beforeAll(async () => {
  world = await managerOnLocalAWS();
  const { home, eks } = world;
  home.write(eks.kubeconfig());
  file = join(home.path, '.kube', 'ekspress', 'prompt');
  await home.runWith({ PATH: home.pathWith('aws', 'exit 1') }, 'apply', '--all', '--yes');
  await home.run('warm');
  code = (await home.run('hook', 'bash', '--prompt')).stdout;
});
afterAll(() => world.close());

/** What the function shows in a shell whose `ekspress` only says that it was asked. */
function prompt(shell: string, more: Record<string, string> = {}): string {
  const { home } = world;
  const PATH = home.pathWith('ekspress', 'echo asked "$@"');
  const line = `set -eu\n${code}\nx=$(ekspress_short); echo "$x"`;
  const { stdout, stderr } = spawnSync(shell, ['-c', line], { env: { ...home.env, PATH, ...more }, encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout;
}

const shells = ['bash', 'zsh'].map((name) => {
  const path = ['/bin', '/usr/bin'].map((folder) => join(folder, name)).find((one) => existsSync(one));
  return [name, path ?? ''] as const;
});

describe.each(shells)('the function of ekspress hook --prompt in %s', (_, shell) => {
  it.skipIf(shell === '')(
    'shows what status --short showed, and starts no process while nothing has changed',
    async () => {
      const { stdout } = await world.home.run('status', '--short');
      expect(stdout).toMatch(/^dev 1[34]m \d\ds\n$/);
      expect(prompt(shell)).toMatch(/^dev 1[34]m \d\ds\n$/);
    },
  );

  it.skipIf(shell === '')('asks again after a change of the kubeconfig, of KUBECONFIG and of AWS_PROFILE', async () => {
    const asked = 'asked status --short\n';
    expect(prompt(shell, { AWS_PROFILE: 'other' })).toBe(asked);
    expect(prompt(shell, { KUBECONFIG: '/nowhere' })).toBe(asked);
    const later = new Date(Date.now() + 5_000);
    utimesSync(join(world.home.path, '.kube', 'config'), later, later);
    expect(prompt(shell)).toBe(asked);
    utimesSync(join(world.home.path, '.kube', 'config'), new Date(0), new Date(0));
    expect(prompt(shell)).toMatch(/^dev 1[34]m/);
  });

  it.skipIf(shell === '')(
    'asks again when the token has ended, and where the file is of another version or missing',
    () => {
      const whole = readFileSync(file, 'utf8');
      const lines = whole.split('\n');
      for (const other of [lines.with(3, '1000').join('\n'), whole.replace('prompt 1', 'prompt 9'), '']) {
        writeFileSync(file, other);
        expect(prompt(shell)).toBe('asked status --short\n');
      }
      writeFileSync(file, whole);
      expect(prompt(shell)).toMatch(/^dev 1[34]m/);
    },
  );

  it.skipIf(shell === '')('shows a name whose characters a prompt would take for colours or commands', () => {
    const whole = readFileSync(file, 'utf8');
    writeFileSync(file, whole.split('\n').with(2, '%F{$(id)}').join('\n'));
    const shown = prompt(shell);
    writeFileSync(file, whole);
    expect(shown).toMatch(shell.endsWith('zsh') ? /^%%F\{\$\(id\)\} 1[34]m/ : /^%F\{\$\(id\)\} 1[34]m/);
  });
});
