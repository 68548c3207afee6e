import { describe, expect, it } from 'vitest';
import { type Command, defineCommand, UsageError } from '../../../../src/cli/command.ts';
import { helpOf, overviewOf } from '../../../../src/cli/command-line/help.ts';
import { findCommand, readLine } from '../../../../src/cli/command-line/read-line.ts';
import { loadAll } from '../../../../src/cli/commands.ts';
import { WRITE_CONTEXTS } from '../../../../src/text/apply-words.ts';

const commands = await loadAll();
const named = (name: string) => commands.find((command) => command.name === name) as Command;

/** What a line means to the command that it names. */
function read(...args: string[]) {
  const { name = '', rest } = findCommand(args);
  return readLine(named(name), rest);
}

describe('global options', () => {
  it.each([
    ['status --kubeconfig x -o json --debug --context a --context b'],
    ['--kubeconfig x -o json --debug --context a --context=b status'],
    ['--debug --context a --kubeconfig=x status --output=json --context b'],
    ['-ojson status --kubeconfig x --debug --context=a --context=b'],
    ['-o=json --debug --kubeconfig x --context a status --context b'],
  ])('mean the same before and after the command: %s', (line) => {
    expect(read(...line.split(' '))).toEqual({
      line: { values: { watch: false, short: false, measure: false, check: false }, words: [] },
      options: { kubeconfig: 'x', output: 'json', debug: true, contexts: ['a', 'b'] },
    });
  });

  it('leave the options of the command to it, also those before it', () => {
    const { line } = read('--dry-run', 'apply', 'dev', '-y', '--key-env', 'A', '--key-env=B');
    expect(line.words).toEqual(['dev']);
    expect(line.values).toEqual({
      all: false,
      'dry-run': true,
      yes: true,
      encrypt: false,
      'no-encrypt': false,
      'key-file': undefined,
      portable: false,
      preview: false,
      compare: false,
      'no-compare': false,
      'key-env': ['A', 'B'],
    });
  });

  it('leave everything behind -- alone where it is another program', () => {
    const { line, options } = read('token', '--raw', '--', 'aws', '--debug', '-o', 'json', '--help');
    expect(line.words).toEqual([]);
    expect(line.program).toEqual(['aws', '--debug', '-o', 'json', '--help']);
    expect([options.output, options.debug]).toEqual(['table', false]);
    expect(findCommand(['token', '--', 'aws', '--help']).help).toBe(false);
  });

  it('let a context have a name that begins with a dash, behind --', () => {
    expect(read('status', '--', '-odd').line.words).toEqual(['-odd']);
  });

  it.each([
    [['status', '-o', 'xml'], "-o takes table, json or yaml, not 'xml'."],
    [['status', '-o', 'yml'], 'Did you mean "yaml"?'],
    [['status', '-o'], '-o needs a value.'],
    [['status', '--kubeconfig'], '--kubeconfig needs a value.'],
    [['status', '--kubeconfig='], '--kubeconfig needs a value.'],
    [['status', '--kubeconfig', '--debug'], '--kubeconfig needs a value.'],
    [['status', '--watch=yes'], '--watch takes no value.'],
    [['apply', '--drr-run'], `Unknown option '--drr-run'. Did you mean "--dry-run"?`],
    [['status', '--wtach'], 'Did you mean "--watch"?'],
    [['mcp', '--kubeconfig', 'x'], 'mcp does not take --kubeconfig. Did you mean "--trust-kubeconfig"?'],
    [['apply-all', '--all'], "Unknown option '--all'."],
    [['status', '--json'], `Unknown option '--json'. Did you mean "-o json"?`],
    [['apply', '--force'], 'Did you mean "--yes"?'],
    [['mcp', '--json'], "Unknown option '--json'."],
    [['token', '--cluster-name', 'x'], '`ekspress token CLUSTER REGION [PROFILE]`'],
    [['token', '--cluster', 'x'], '`ekspress token CLUSTER REGION [PROFILE]`'],
    [['token', '--region=x'], '`ekspress token CLUSTER REGION [PROFILE]`'],
    [['token', '--role-arn', 'x'], '`ekspress token -- aws eks get-token'],
    [['token', '-o', 'json'], 'token does not take -o. It always prints JSON'],
    [['token', '--json'], 'It always prints JSON'],
    [['status', '--cluster', 'x'], 'Did you mean "--context NAME"?'],
    [['status', '-w'], 'Did you mean "--watch"?'],
    [['apply', '-A'], 'Did you mean "--all"?'],
    [['apply', '--kube-context', 'x'], 'Did you mean "--context NAME"?'],
    [['apply-all', '--context', 'x'], 'apply-all does not take --context. It is for every context'],
    [['kubeconfig', '--name', 'x'], `\`${WRITE_CONTEXTS} CLUSTER\``],
    [['login', '--profile', 'x'], '`aws sso login --profile NAME`'],
    [['demo', '-o', 'json'], 'demo does not take -o.'],
    [['status', '--constructor'], "Unknown option '--constructor'."],
  ])('refuse %j', (line, message) => {
    expect(() => read(...line)).toThrow(UsageError);
    expect(() => read(...line)).toThrow(message);
  });

  it.each([
    ['whoami', '--region'],
    ['status', '--namespace'],
    ['mcp', '--json'],
  ])('offer none that is only as long as the unknown one: %s %s', (...line) => {
    expect(() => read(...line)).toThrow(/^Unknown option '[^']+'\.$/);
  });

  it('lead to options and commands that exist', () => {
    for (const command of commands) {
      for (const text of Object.values(command.instead ?? {})) {
        for (const [, words = ''] of text.matchAll(/`ekspress ([^`]+)`/g)) {
          const line = words.replace(/ \[PROFILE\]/, '').split(' ');
          expect(() => read(...line)).not.toThrow();
        }
      }
    }
  });
});

describe('the help', () => {
  it.each([80, 60, 40].flatMap((columns) => commands.map((command) => [command.name, columns] as const)))(
    'fits for %s into %i columns, with lines that end where a word ends',
    (name, columns) => {
      const lines = helpOf(named(name), columns).split('\n');
      const wrapped = lines.slice(0, lines.indexOf('Examples'));
      // A word that is longer than the screen has no better place to end, nor has a command in backticks.
      const hasPlace = (line: string) =>
        line
          .trim()
          .replace(/`[^`]*`/g, '`')
          .includes(' ');
      for (const line of wrapped) if (hasPlace(line)) expect(line.length).toBeLessThanOrEqual(columns);
      for (const line of lines) if (columns === 80) expect(line.length).toBeLessThanOrEqual(80);
      const said = lines.join(' ').replace(/\s+/g, ' ');
      for (const { help } of Object.values(named(name).options)) expect(said).toContain(help);
    },
  );

  it('names for a command only the global options that it honours', () => {
    expect(helpOf(named('mcp'), 80)).not.toMatch(/ --kubeconfig|--output|--context/);
    expect(helpOf(named('apply-all'), 80)).toMatch(/--kubeconfig FILE[\s\S]+--output FORMAT/);
    expect(helpOf(named('apply-all'), 80)).not.toContain('--context');
    for (const command of commands) expect(helpOf(command, 80)).toMatch(/--debug[\s\S]+--help[\s\S]+--version/);
  });

  it.each(commands.map(({ name, examples = [] }) => [name, examples] as const))(
    'has two examples or more for %s',
    (_, examples) => expect(examples.length).toBeGreaterThanOrEqual(2),
  );

  it.each([80, 60, 40].flatMap((columns) => commands.map((command) => [command.name, columns] as const)))(
    'has examples for %s that a shell reads as one command each, at %i columns',
    (name, columns) => {
      const { examples = [] } = named(name);
      const text = helpOf(named(name), columns).split('\nExamples\n')[1]?.split('\n\n')[0] ?? '';
      const read = text === '' ? [] : text.replaceAll('\\\n    ', '').split('\n');
      expect(read.map((line) => line.slice(2))).toEqual(examples);
      for (const line of text.split('\n'))
        if (/\S [^\\]/.test(line.replace(/'[^']*'|"[^"]*"/g, 'quoted')))
          expect(line.length).toBeLessThanOrEqual(columns);
    },
  );

  it('lists all commands but aliases and the hook, in groups, within 80 columns', () => {
    const lines = overviewOf(commands, '1.2.3', Number.POSITIVE_INFINITY).split('\n');
    for (const { name, group } of commands) {
      expect(lines.filter((line) => line.startsWith(`  ${name} `))).toHaveLength(group === undefined ? 0 : 1);
    }
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });
});

it('A command that is made without options has none', () => {
  const bare = defineCommand({
    name: 'bare',
    summary: 'does nothing',
    usage: [''],
    options: {},
    globals: [],
    run: async () => 0,
  });
  expect(helpOf(bare, 80)).not.toContain('\nOptions\n');
  expect(readLine(bare, ['a']).line).toEqual({ values: {}, words: ['a'] });
});
