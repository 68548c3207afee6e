import { spawnSync } from 'node:child_process';
import { EKSAuthError } from '../../errors.ts';
import type { Environment } from '../../host.ts';
import { windowsCall } from '../../system/windows-call.ts';
import { type Command, defineCommand, EXIT, type Line, type Terminal, UsageError } from '../command.ts';
import type { Options } from '../command-line/options.ts';
import { type DescribedContext, describeContexts } from '../contexts/describe-context.ts';
import { loadContexts } from '../contexts/load-contexts.ts';
import { pickOrCurrent } from '../contexts/pick-contexts.ts';
import { askForYes } from '../terminal/ask.ts';
import { displayWidth, printable, wrapped } from '../terminal/display-width.ts';
import { painter } from '../terminal/paint.ts';
import { type NeededLogin, NeededLogins } from './needed-logins.ts';

const options = {
  all: { help: 'the logins of every context' },
  'dry-run': { help: 'show which logins are needed; run nothing' },
  yes: { short: 'y', help: 'do not ask' },
} as const satisfies Options;

/** `ekspress login`. */
export const login: Command = defineCommand({
  name: 'login',
  group: 'Who you are',
  summary: 'run the logins that contexts need and lack',
  usage: ['[CONTEXT…]', '--all'],
  options,
  globals: ['kubeconfig', 'context'],
  instead: {
    profile: 'The logins of contexts are run; that of a profile alone is run by `aws sso login --profile NAME`.',
    output: 'It runs logins and prints no result; `ekspress status -o json` has the logins of the contexts.',
  },
  choices: () => 'eks-contexts',
  about: [
    'Without a context: the current one. Several contexts with one login need it once. It runs `aws sso login` and `aws login`, and the logins of aws-vault, Granted, saml2aws, aws-sso, aws2-wrap and `op`, after it has shown the command and where the login is kept, and has asked. Of aws-vault, Granted and `op`, the login is their own command around `aws sts get-caller-identity`.',
  ],
  examples: ['ekspress login prod', 'ekspress login --all --dry-run'],
  run,
});

async function run({ values, words }: Line<typeof options>, terminal: Terminal): Promise<number> {
  const names = [...terminal.options.contexts, ...words];
  if (values.all && names.length > 0) throw new UsageError('Give names or --all, not both.');
  const loaded = await loadContexts(terminal);
  const chosen = values.all ? loaded.contexts : pickOrCurrent(loaded, names);
  const logins = new NeededLogins(terminal);
  const unread = new Map<string, string[]>();
  for (const context of await describeContexts(chosen, terminal.env)) {
    if (context.problem && !values.all) throw context.problem;
    const found = context.problem ? undefined : await added(context, logins, values.all ? unread : undefined, terminal);
    if (found !== undefined && !values.all) {
      const sentence = `${context.name}${found.startsWith(':') ? '' : ' '}${found}`;
      terminal.out(`${wrapped(printable(sentence), terminal.screen.columns, '  ')}\n`);
    }
  }
  for (const [reason, contexts] of unread) {
    const text = wrapped(printable(`! ${contexts.join(', ')}: ${reason}`), terminal.errorScreen.columns, '  ');
    terminal.err(`${text}\n`);
  }
  const needed = logins.all();
  if (needed.length === 0) {
    if (values.all) terminal.out('No context needs a login now.\n');
    return EXIT.ok;
  }
  for (const one of needed) terminal.out(planOf(one, terminal));
  if (values['dry-run']) return EXIT.ok;
  if (!values.yes) {
    if (!terminal.interactive)
      throw new UsageError('There is no terminal to ask on: give --yes, or run the commands above.');
    await askForYes(terminal, needed.length === 1 ? 'Run it?' : `Run these ${needed.length} commands?`);
  }
  return runAll(needed, terminal);
}

/**
 * Adds the login of a context.
 * @param unread - gets the contexts whose login cannot be read, by the reason. Absent: the first one ends the command.
 */
async function added(
  context: DescribedContext,
  logins: NeededLogins,
  unread: Map<string, string[]> | undefined,
  { signal }: Terminal,
): Promise<string | undefined> {
  try {
    return await logins.add(context);
  } catch (error) {
    signal.throwIfAborted();
    if (!unread || !(error instanceof EKSAuthError)) throw error;
    unread.set(error.message, [...(unread.get(error.message) ?? []), context.name]);
    return undefined;
  }
}

function planOf({ line, details, contexts }: NeededLogin, { screen }: Terminal): string {
  const rows = [...details, ['contexts', contexts.join(', ')] as const];
  const text = rows.map(([title, value]) => detailOf(title, printable(value), screen.columns));
  return `${painter(screen)('bold', printable(line))}\n${text.join('')}`;
}

/** A detail beside its title. What has no blank to be broken at, as a path, stands whole below it where it is too long. */
function detailOf(title: string, value: string, columns: number): string {
  const indent = ' '.repeat(13);
  const beside = `  ${title.padEnd(10)} ${value}`;
  if (displayWidth(beside) > columns && !value.includes(' ')) return `  ${title}\n    ${value}\n`;
  return `${wrapped(beside, columns, indent)}\n`;
}

function runAll(needed: readonly NeededLogin[], { out, screen, signal }: Terminal): number {
  const paint = painter(screen);
  let failed = false;
  for (const { command, name, env } of needed) {
    signal.throwIfAborted();
    const { status, error } = runOnTerminal(command, env);
    if (error) {
      const [program = ''] = command;
      throw new EKSAuthError('EXEC_FAILED', `${program} could not be run: ${error.code ?? error.message}.`, {
        remedy: program === 'aws' ? 'Install the AWS CLI, or correct PATH.' : `Install ${program}, or correct PATH.`,
        cause: error,
      });
    }
    if (status === 0) out(`${paint('green', '✓')} logged in: ${printable(name)}\n`);
    else failed = true;
  }
  return failed ? EXIT.failure : EXIT.ok;
}

function runOnTerminal(
  [program = '', ...args]: readonly string[],
  env: Environment,
): { readonly status: number | null; readonly error?: NodeJS.ErrnoException | undefined } {
  try {
    const call = process.platform === 'win32' ? windowsCall(program, args, env) : { command: program, args };
    return spawnSync(call.command, [...call.args], { ...call, env: { ...env }, stdio: 'inherit' });
  } catch (error) {
    return { status: null, error: error as NodeJS.ErrnoException };
  }
}
