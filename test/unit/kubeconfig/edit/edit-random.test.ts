import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EKSAuthError } from '../../../../src/errors.ts';
import { readEditable } from '../../../../src/kubeconfig/edit/edit-kubeconfig.ts';
import { pluginCall } from '../../../../src/kubeconfig/edit/edit-stanza.ts';
import { applyToUsers, restoreUsers } from '../../../../src/kubeconfig/edit/edit-users.ts';
import { execOf, restOf } from '../../../support/kubeconfig-judge.ts';
import { SEED } from '../../../support/seed.ts';

const SCRIPT = '/home/me/.kube/ekspress/ekspress-exec';
const calls = [false, true].map((portable) => pluginCall(SCRIPT, '~/.kube/ekspress/ekspress-exec', portable));

/** Names and words as they come, those that YAML takes for something else among them. */
const word = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('aws', '--region', 'us-east-1', 'eks', 'get-token', '/opt/x y/aws', 'no', '~', 'null'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '1e3',
      '0x1f',
      '- a',
      '# b',
      ': c',
      'a: b',
      "it's",
      '"q"',
      '*x',
      '&y',
      '!z',
      '%d',
      '@e',
      '`f`',
      '한국어',
      '{',
      ']',
      '',
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .string({ unit: 'grapheme', maxLength: 12 })
      .filter((text) => /^[^\p{Cc}\p{Cs}\uFEFF\uFFFD\u2028\u2029\u0085]*$/u.test(text)),
  },
);
/** Commands that are found by their name or their whole path. Relative ones become absolute, which other tests show. */
const command = word.filter((text) => text !== '' && (text.startsWith('/') || !text.includes('/')));
/** `ekspress-exec <cluster> <region> [profile]` needs `--` before it, which the command line adds. */
const isClusterAndRegion = ({ args }: { readonly args?: readonly string[] | null }): boolean =>
  (args?.length === 1 || args?.length === 2) && /-.*-[0-9]/.test(args[0] ?? '');

const exec = fc
  .record(
    {
      apiVersion: fc.constantFrom('client.authentication.k8s.io/v1beta1', 'client.authentication.k8s.io/v1'),
      command,
      args: fc.option(fc.array(word, { maxLength: 6 })),
      env: fc.array(fc.record({ name: fc.constantFrom('AWS_PROFILE', 'X'), value: word }), { maxLength: 2 }),
      interactiveMode: fc.constantFrom('Never', 'IfAvailable'),
      installHint: word,
      provideClusterInfo: fc.boolean(),
    },
    { requiredKeys: ['command'] },
  )
  .filter((value) => !isClusterAndRegion(value));

/** How one value is written down. */
const style = fc.record({
  flow: fc.constantFrom('none', 'lists', 'stanza', 'user', 'json'),
  quotes: fc.constantFrom('plain', 'single', 'double'),
  step: fc.constantFrom('', '  '),
  comments: fc.boolean(),
  eol: fc.constantFrom('\n', '\r\n'),
  bom: fc.boolean(),
  end: fc.constantFrom('', '\n', '\n\n# the end\n'),
  shuffled: fc.integer(),
});
type Style = typeof style extends fc.Arbitrary<infer T> ? T : never;
type Exec = typeof exec extends fc.Arbitrary<infer T> ? T : never;

function scalar(value: unknown, { quotes }: Style): string {
  if (typeof value !== 'string') return String(value);
  if (
    quotes === 'plain' &&
    /^[/A-Za-z-]{2}[A-Za-z0-9_./-]*$/.test(value) &&
    !/^(no|null|true|false|yes|on|off)$/i.test(value)
  )
    return value;
  return quotes === 'single' ? `'${value.replaceAll("'", "''")}'` : JSON.stringify(value);
}

function inBraces(value: unknown, how: Style): string {
  if (Array.isArray(value)) return `[${value.map((item) => inBraces(item, how)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return scalar(value, how);
  return `{${Object.entries(value)
    .map(([key, item]) => `${key}: ${inBraces(item, how)}`)
    .join(', ')}}`;
}

function lines(value: object, indent: string, how: Style): string[] {
  return Object.entries(value).flatMap(([key, item]) => {
    const note = how.comments ? ' # as it was' : '';
    if (Array.isArray(item) && item.length > 0 && how.flow === 'none') {
      return [`${indent}${key}:${note}`, ...item.map((one) => `${indent}${how.step}- ${inBraces(one, how)}${note}`)];
    }
    return [...(how.comments ? [`${indent}# ${key}`] : []), `${indent}${key}: ${inBraces(item, how)}${note}`];
  });
}

function write(users: readonly Exec[], how: Style): string {
  const entries = users.map((one, index) => ({
    name: `u${index}`,
    user: { exec: shuffled(one, how.shuffled + index) },
  }));
  if (how.flow === 'json')
    return JSON.stringify({ kind: 'Config', users: entries }, null, how.step) + how.end.replace(/#.*\n/, '');
  const body = entries.flatMap(({ name, user }) => {
    if (how.flow === 'user') return [`- ${inBraces({ name, user }, how)}`];
    if (how.flow === 'stanza') return [`- name: ${name}`, '  user:', `    exec: ${inBraces(user.exec, how)}`];
    return [`- name: ${name}`, '  user:', '    exec:', ...lines(user.exec, '      ', how)];
  });
  const text = ['kind: Config', 'users:', ...body].join('\n') + how.end;
  return (how.bom ? '\uFEFF' : '') + text.replaceAll('\n', how.eol);
}

function shuffled(value: Exec, seed: number): Exec {
  const keyed = Object.entries(value).map((entry, index) => ({ entry, key: Math.sin(seed + index) }));
  return Object.fromEntries(keyed.sort((a, b) => a.key - b.key).map(({ entry }) => entry)) as Exec;
}

describe('kubeconfigs of any kind', () => {
  it('run through the script when they are applied, keep everything else, and come back byte for byte', () => {
    const property = fc.property(
      fc.array(exec, { minLength: 1, maxLength: 3 }),
      style,
      fc.constantFrom(...calls),
      (users, how, call) => {
        const text = write(users, how);
        const names = users.map((_, index) => `u${index}`).filter((_, index) => index !== 1);
        const applied = applyToUsers(
          readEditable(text, 'config'),
          names.map((name) => ({ name })),
          call,
        );
        expect(restOf(applied, names)).toEqual(restOf(text, names));
        for (const name of names) {
          const [was, is] = [execOf(text, name), execOf(applied, name)];
          expect([is.command, is.args]).toEqual([call.command, [...call.leading, was.command, ...(was.args ?? [])]]);
          expect([is.env, is.apiVersion]).toEqual([was.env, was.apiVersion]);
        }
        expect(restoreUsers(readEditable(applied, 'config'), names)).toBe(text);
      },
    );
    fc.assert(property, { numRuns: Number(process.env.FAST_CHECK_RUNS ?? 60), seed: SEED });
  });

  it('are edited right or refused, whatever is done to their text', () => {
    const damaged = fc.tuple(
      fc.array(exec, { minLength: 1, maxLength: 2 }),
      style,
      fc.nat(),
      fc.constantFrom('', ' ', '\n', '  ', '#', '- ', ': ', '[', '"', '&a ', '*a', '|', '\t'),
    );
    const property = fc.property(damaged, ([users, how, place, inserted]) => {
      const whole = write(users, how);
      const at = place % whole.length;
      const text = whole.slice(0, at) + inserted + whole.slice(at + (inserted === '' ? 1 : 0));
      try {
        const applied = applyToUsers(readEditable(text, 'config'), [{ name: 'u0' }], calls[0] ?? fail());
        expect(restoreUsers(readEditable(applied, 'config'), ['u0'])).toBe(text);
        if (isReadElsewhere(text)) expect(restOf(applied, ['u0'])).toEqual(restOf(text, ['u0']));
      } catch (error) {
        if (!(error instanceof EKSAuthError)) throw error;
      }
    });
    fc.assert(property, { numRuns: Number(process.env.FAST_CHECK_RUNS ?? 100), seed: SEED });
  });
});

function isReadElsewhere(text: string): boolean {
  try {
    return restOf(text, ['u0']) !== undefined;
  } catch {
    return false;
  }
}

function fail(): never {
  throw new Error('no call');
}
