import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readEditable } from '../../../../src/kubeconfig/edit/edit-kubeconfig.ts';
import { pluginCall, windowsCall } from '../../../../src/kubeconfig/edit/edit-stanza.ts';
import { applyToUsers, restoreUsers, type UserToApply } from '../../../../src/kubeconfig/edit/edit-users.ts';
import { execOf, read, restOf } from '../../../support/kubeconfig-judge.ts';
import { STYLES, WRAPPED } from '../../../support/kubeconfig-styles.ts';

const SCRIPT = '/home/me/.kube/ekspress/ekspress-exec';
const script = pluginCall(SCRIPT, '~/.kube/ekspress/ekspress-exec', false);
const portable = pluginCall(SCRIPT, '~/.kube/ekspress/ekspress-exec', true);
const PROGRAM = 'C:\\Users\\Kim Lee\\.kube\\ekspress\\ekspress-exec.cjs';
const COPY_OF_NODE = 'C:\\Users\\Kim Lee\\.kube\\ekspress\\ekspress-exec.exe';
const windows = windowsCall(COPY_OF_NODE, PROGRAM);
const PLACE = '/home/me/.kube/config';

const apply = (text: string, users: readonly (string | UserToApply)[] = ['dev'], call = script): string =>
  applyToUsers(
    readEditable(text, PLACE),
    users.map((user) => (typeof user === 'string' ? { name: user } : user)),
    call,
  );
const restore = (text: string, users: readonly string[] = ['dev']): string =>
  restoreUsers(readEditable(text, PLACE), users);

/** Written in ways that leave no room for an edit of a few words: these are rewritten, with their old text kept. */
const REWRITTEN = new Set([
  'a command as a literal block',
  'a command as a folded block at the end',
  'a command over two lines',
  'explicit keys',
  'a command that brackets do not take',
  'args null',
  'args without a value',
  'v1 without interactiveMode, with a hint of their own',
  'a merged base',
  'a merged base in braces',
  'an alias of a stanza elsewhere',
  'two users with one stanza, the alias applied',
  'JSON with a hint of its own',
]);

describe.each(STYLES)('a kubeconfig with $name', ({ name, text, users = ['dev'] }) => {
  it('runs through the script after it is applied, and nothing else in it changes', () => {
    const applied = apply(text, users);
    expect(restOf(applied, users)).toEqual(restOf(text, users));
    for (const user of users) {
      const before = execOf(text, user);
      const { installHint, interactiveMode, ...after } = execOf(applied, user);
      const { installHint: hint, interactiveMode: mode, ...kept } = before;
      expect(after).toEqual({ ...kept, command: SCRIPT, args: [before.command, ...(before.args ?? [])] });
      expect(interactiveMode).toBe(
        mode ?? (before.apiVersion === 'client.authentication.k8s.io/v1' ? 'IfAvailable' : undefined),
      );
      if (hint === undefined) expect(installHint).toContain('ln -sf /usr/bin/env ~/.kube/ekspress/ekspress-exec');
    }
  });

  it('keeps its layout and comments wherever that is possible', () => {
    expect(apply(text, users).includes('(original ')).toBe(REWRITTEN.has(name));
  });

  it('is the same bytes again when that is taken back', () => {
    expect(restore(apply(text, users), users)).toBe(text);
  });

  it('is the same bytes again after the portable form', () => {
    const applied = apply(text, users, portable);
    const [user = ''] = users;
    const before = execOf(text, user);
    const { command, args } = execOf(applied, user);
    expect(command).toBe('sh');
    expect(args?.slice(2)).toEqual(['ekspress', before.command, ...(before.args ?? [])]);
    expect(restore(applied, users)).toBe(text);
  });
});

// JSON knows no dates.
describe.each(STYLES.filter(({ text }) => !text.includes('2001-01-01')))(
  'a kubeconfig with $name on Windows',
  ({ text, users = ['dev'] }) => {
    it('runs through the copy of Node, with nothing loaded into it, and is the same bytes again when that is taken back', () => {
      const applied = apply(text, users, windows);
      expect(restOf(applied, users)).toEqual(restOf(text, users));
      for (const user of users) {
        const before = execOf(text, user);
        const { command, args, env } = execOf(applied, user);
        expect(command).toBe(COPY_OF_NODE);
        expect(args).toEqual([PROGRAM, before.command, ...(before.args ?? [])]);
        expect(env).toEqual([...((before.env ?? []) as unknown[]), { name: 'NODE_OPTIONS', value: '' }]);
      }
      expect(restore(applied, users)).toBe(text);
    });
  },
);

describe('a file that another program has written again since', () => {
  it('gets its own variables back, and not those of the form for Windows', () => {
    const text = STYLES[0]?.text ?? '';
    const rewritten = JSON.stringify(read(apply(text, ['dev'], windows)));
    const { env, ...restored } = execOf(restore(rewritten), 'dev');
    const { env: own, ...original } = execOf(text, 'dev');
    expect(restored).toEqual(original);
    expect(env ?? null).toEqual(own ?? null);
  });

  // JSON knows no dates.
  it.each(STYLES.filter(({ users, text }) => users === undefined && !text.includes('2001-01-01')))(
    'gets what it said back: $name',
    ({ text }) => {
      const rewritten = JSON.stringify(read(apply(text)), undefined, 3);
      const { interactiveMode: _, ...back } = execOf(restore(rewritten), 'dev');
      const { interactiveMode: __, ...was } = execOf(text, 'dev');
      expect({ ...back, args: back.args ?? [] }).toEqual({ ...was, args: was.args ?? [] });
    },
  );
});

describe.each(WRAPPED)('a stanza that $name has wrapped', ({ text }) => {
  const before = execOf(text, 'dev');
  const transparent = before.args?.[0] === 'aws';
  const words = ['aws', 'eks', 'get-token', '--cluster-name', 'dev', '--region', 'us-east-1', '--profile', 'acme'];
  const [command, ...args] = transparent ? (before.args ?? []) : words;
  const user = { name: 'dev', original: { command, args } };

  it('runs the original through the script', () => {
    const applied = execOf(apply(text, [user]), 'dev');
    expect(applied.command).toBe(SCRIPT);
    expect(applied.args).toEqual([command, ...args]);
  });

  it('is the same bytes again when that is taken back', () => {
    expect(restore(apply(text, [user]))).toBe(text);
  });

  it('says the same again after another program has written the file again', () => {
    const rewritten = JSON.stringify(read(apply(text, [user])), null, 1);
    const { installHint: _, ...back } = execOf(restore(rewritten), 'dev');
    const { installHint: __, ...was } = before;
    expect(back).toEqual(was);
  });
});

it('A command that the script would take for a cluster and a region is not edited without a mark', () => {
  const text = 'users:\n- name: dev\n  user:\n    exec: {command: plugin, args: [us-east-1]}\n';
  expect(() => apply(text, ['dev'])).toThrow(/is written in a way that cannot be changed with certainty/);
});

it('A kubeconfig with a line break of kubectl alone is not edited', () => {
  const text = 'users:\n- name: dev\n  user:\n    exec: {command: aws} # mine\u2028- name: other\n';
  expect(() => apply(text, ['dev'])).toThrow(/:4 has a line break that most editors do not show \(U\+2028\)\./);
});

describe('the recorded kubeconfigs', () => {
  const folder = 'test/kubeconfigs';
  it.each(readdirSync(folder))('%s comes back as it was', (name) => {
    const text = readFileSync(`${folder}/${name}`, 'utf8');
    const users = read(text)
      .users.filter((one) => one.user.exec)
      .map((one) => String(one.name));
    const applied = apply(text, users);
    expect(restOf(applied, users)).toEqual(restOf(text, users));
    expect(applied).not.toBe(text);
    expect(restore(applied, users)).toBe(text);
  });
});
