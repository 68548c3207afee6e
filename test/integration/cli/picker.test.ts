import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAIN, type ManagerHome, makeHome, manyUsers } from '../../support/cli-home.ts';
import { optionalProgram } from '../../support/optional-programs.ts';

const script = process.platform === 'linux' ? optionalProgram('script') : undefined;

/** A person at a terminal: sees what is printed, presses keys. */
interface Person {
  /** Waits until the terminal has shown this since the last key. */
  sees(text: string): Promise<void>;
  press(keys: string): void;
  /** The exit status, and all that was shown. */
  leaves(): Promise<{ code: number; shown: string }>;
}

let home: ManagerHome;
let terminals: ChildProcessWithoutNullStreams[] = [];
beforeEach(() => {
  home = makeHome();
  home.write(manyUsers(3));
});
afterEach(() => {
  for (const child of terminals) child.kill();
  terminals = [];
  home.remove();
});

function atTerminal(env: Record<string, string>, ...words: string[]): Person {
  const command = [process.execPath, MAIN, ...words].map((word) => `'${word}'`).join(' ');
  const child = spawn(script ?? '', ['-qec', command, '/dev/null'], {
    env: { ...home.env, TERM: 'xterm', SHELL: '/bin/sh', ...env },
  });
  terminals.push(child);
  let shown = '';
  let since = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
  });
  return {
    async sees(text) {
      while (!stripVTControlCharacters(shown.slice(since)).includes(text)) await once(child.stdout, 'data');
    },
    press(keys) {
      since = shown.length;
      child.stdin.write(keys);
    },
    async leaves() {
      const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
      return { code, shown: stripVTControlCharacters(shown) };
    },
  };
}

const [DOWN, ESCAPE, CTRL_A, CTRL_C, CTRL_D, ENTER] = ['\x1b[B', '\x1b', '\x01', '\x03', '\x04', '\r'];

describe.skipIf(script === undefined)('the list of contexts', () => {
  it.each([
    ['with colours', {}],
    ['without colours', { NO_COLOR: '1' }],
  ])('marks the current row %s, and applies to those that are selected', async (_, env) => {
    const person = atTerminal(env, 'apply');
    await person.sees('❯ [ ] dev-0');
    person.press(DOWN);
    await person.sees('❯ [ ] dev-1');
    person.press(' ');
    await person.sees('❯ [x] dev-1');
    person.press(ENTER);
    const { code, shown } = await person.leaves();
    expect([code, shown]).toEqual([0, expect.stringContaining('1 selected')]);
    const { contexts } = JSON.parse((await home.run('status', '-o', 'json')).stdout);
    expect(contexts.map(({ state }: { state: string }) => state)).toEqual(['not-applied', 'applied', 'not-applied']);
  });

  it('is filtered by typing, and selects all that are shown by Ctrl-A', async () => {
    const person = atTerminal({}, 'apply', '--dry-run');
    await person.sees('❯ [ ] dev-0');
    person.press('-2');
    await person.sees('❯ [ ] dev-2');
    person.press(' ');
    await person.sees('❯ [x] dev-2');
    person.press('\x7f\x7f');
    await person.sees('[ ] dev-0');
    person.press(CTRL_A);
    await person.sees('3 of 3');
    person.press(CTRL_A);
    await person.sees('0 of 3');
    person.press(ENTER);
    expect(await person.leaves()).toMatchObject({ code: 1, shown: expect.stringContaining('Nothing was chosen') });
  });

  it('shows where two long names differ', async () => {
    const arn = (account: string) => `arn:aws:eks:us-east-1:${account}:cluster/payments-production-blue`;
    home.write(
      manyUsers(2)
        .replace('{name: dev-0, context', `{name: ${arn('111111111111')}, context`)
        .replace('{name: dev-1, context', `{name: ${arn('111111112222')}, context`),
    );
    const person = atTerminal({}, 'apply');
    await person.sees('0 of 2');
    await person.sees('esc: cancel');
    person.press(ESCAPE);
    const { shown } = await person.leaves();
    const [first, second] = [...shown.matchAll(/\[ \] (\S+)/g)].map(([, name]) => name);
    expect(first).toMatch(/^….*1111:cluster\/payments-production-blue$/);
    expect(second).toMatch(/^….*2222:cluster\/payments-production-blue$/);
  });

  it.each([
    ['Esc', ESCAPE, 1, 'Nothing was changed.'],
    ['Ctrl-C', CTRL_C, 130, ''],
    ['Ctrl-D', CTRL_D, 130, ''],
  ])('is left by %s, with nothing changed', async (_, key, status, said) => {
    const person = atTerminal({}, 'apply');
    await person.sees('❯ [ ] dev-0');
    person.press(' ');
    await person.sees('[x]');
    person.press(key);
    const { code, shown } = await person.leaves();
    expect([code, shown]).toEqual([status, expect.stringContaining(said)]);
    expect(home.read()).toBe(manyUsers(3));
  });
});

describe.skipIf(script === undefined)('the question of apply --all', () => {
  it('names the contexts, and is answered by y', async () => {
    const person = atTerminal({}, 'apply', '--all');
    await person.sees('[y/N]');
    person.press('y');
    const { code, shown } = await person.leaves();
    expect([code, shown]).toEqual([
      0,
      expect.stringMatching(/ {2}dev-0\r?\n {2}dev-1\r?\n {2}dev-2\r?\nApply to 3 users/),
    ]);
    expect(shown).toContain('? Yes');
    expect(home.read()).toContain(`command: ${dirname(home.kubeconfig)}/ekspress/ekspress-exec`);
  });

  it.each([
    ['n', 1],
    [ENTER, 1],
    [ESCAPE, 1],
    [CTRL_C, 130],
  ])('leaves all as it is after %j', async (key, status) => {
    const person = atTerminal({ NO_COLOR: '1' }, 'apply', '--all');
    await person.sees('❯ No');
    person.press(key);
    expect(await person.leaves()).toMatchObject({ code: status });
    expect(home.read()).toBe(manyUsers(3));
  });
});
