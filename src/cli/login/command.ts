import { spawnSync } from 'node:child_process';
import { type Login, readSignIn } from '../../aws/mint/sign-in.ts';
import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import { TokenManager } from '../../aws/token/token-manager.ts';
import { EKSAuthError } from '../../errors.ts';
import { type Environment, hostFrom, overlaid } from '../../host.ts';
import { tilde } from '../../plugin/ekspress-home.ts';
import { type Command, defineCommand, EXIT, type Line, type Terminal, UsageError } from '../command.ts';
import type { Options } from '../command-line/options.ts';
import { describeContexts } from '../contexts/describe-context.ts';
import { loadContexts } from '../contexts/load-contexts.ts';
import { loginCommand, loginLine, loginName } from '../contexts/login-words.ts';
import { pickOrCurrent } from '../contexts/pick-contexts.ts';
import { askForYes } from '../terminal/ask.ts';
import { printable } from '../terminal/display-width.ts';
import { painter } from '../terminal/paint.ts';
import { span } from '../terminal/times.ts';

const options = {
  all: { help: 'the logins of every context' },
  'dry-run': { help: 'show which logins are needed; run nothing' },
  yes: { short: 'y', help: 'do not ask' },
} as const satisfies Options;

/** `ekspress login`. */
export const login: Command = defineCommand({
  name: 'login',
  group: 'Who you are',
  summary: 'run the AWS logins that contexts need and lack',
  usage: ['[CONTEXT…]', '--all'],
  options,
  globals: ['kubeconfig', 'context'],
  choices: () => 'contexts',
  about: [
    'Without a context: the current one. Several contexts with one login need it once. It runs `aws sso login` and `aws login` only, after it has shown the command, the start URL and the file, and has asked.',
  ],
  examples: ['ekspress login prod', 'ekspress login --all --dry-run'],
  run,
});

/** A login, the contexts that need it, and the environment of its program. */
interface NeededLogin {
  readonly login: Login;
  readonly contexts: string[];
  readonly env: Environment;
}

async function run({ values, words }: Line<typeof options>, terminal: Terminal): Promise<number> {
  const names = [...terminal.options.contexts, ...words];
  if (values.all && names.length > 0) throw new UsageError('Give names or --all, not both.');
  const loaded = await loadContexts(terminal);
  const chosen = values.all ? loaded.contexts : pickOrCurrent(loaded, names);
  const contexts = await describeContexts(chosen, terminal.env);
  const needed = new Map<string, NeededLogin>();
  for (const { name, config, reason, state, problem } of contexts) {
    if (problem && !values.all) throw problem;
    if (!config) {
      const why =
        state === 'other-command' ? `runs ${reason}, which logs in by itself` : 'needs no login of the AWS CLI';
      if (!values.all) terminal.out(`${printable(name)} ${why}.\n`);
      continue;
    }
    const found = await loginOf(name, config, needed, terminal);
    if (found !== undefined && !values.all) terminal.out(`${printable(name)}: ${found}\n`);
  }
  if (needed.size === 0) {
    if (values.all) terminal.out('No context needs a login now.\n');
    return EXIT.ok;
  }
  for (const one of needed.values()) terminal.out(planOf(one, terminal));
  if (values['dry-run']) return EXIT.ok;
  if (!values.yes) {
    if (!terminal.interactive)
      throw new UsageError('There is no terminal to ask on: give --yes, or run the commands above.');
    await askForYes(terminal, needed.size === 1 ? 'Run it?' : `Run these ${needed.size} commands?`);
  }
  return runAll([...needed.values()], terminal);
}

/** Collects the login of a context if it is needed. @returns why it is not needed */
async function loginOf(
  name: string,
  config: EKSAuthConfig,
  needed: Map<string, NeededLogin>,
  { env, logger, signal }: Terminal,
): Promise<string | undefined> {
  const found = await readSignIn(config, hostFrom({ env, logger }));
  if (!found) return 'only its original command knows how to log in.';
  if (!found.login) return 'its credentials need no login.';
  const known = needed.get(found.login.file);
  if (known) {
    known.contexts.push(name);
    return undefined;
  }
  const left = ((found.login.expiresAt?.getTime() ?? 0) - Date.now()) / 1000;
  if (left > 0) {
    const end = found.login.renews ? 'renews itself' : `ends in ${span(left)}`;
    return `${loginName(found.login)} ${end}.`;
  }
  if (found.login.renews && (await renewsNow(config, { env, logger, signal })))
    return `${loginName(found.login)} renews itself.`;
  needed.set(found.login.file, {
    login: found.login,
    contexts: [name],
    env: overlaid(env, config.exec.env.toEnvironment()),
  });
  return undefined;
}

/** Whether a login that has a refresh token still gives credentials. Only AWS knows it. */
async function renewsNow(
  config: EKSAuthConfig,
  { env, logger, signal }: Pick<Terminal, 'env' | 'logger' | 'signal'>,
): Promise<boolean> {
  try {
    await new TokenManager(config, { env, logger, cache: false }).getValidToken({ signal });
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof EKSAuthError && error.code === 'SESSION_EXPIRED') return false;
    throw error;
  }
}

function planOf({ login: needed, contexts }: NeededLogin, { env, screen }: Terminal): string {
  const paint = painter(screen);
  const rows = [
    ...(needed.startUrl === undefined ? [] : [['start URL', needed.startUrl]]),
    ['file', tilde(needed.file, env)],
    ['contexts', contexts.join(', ')],
  ];
  const details = rows.map(([title = '', text = '']) => `  ${title.padEnd(10)} ${printable(text)}\n`).join('');
  return `${paint('bold', printable(loginLine(needed)))}\n${details}`;
}

function runAll(needed: readonly NeededLogin[], { out, screen, signal }: Terminal): number {
  const paint = painter(screen);
  let failed = false;
  for (const { login: one, env } of needed) {
    signal.throwIfAborted();
    const [program = '', ...args] = loginCommand(one);
    const { status, error } = spawnSync(program, args, { env: { ...env }, stdio: 'inherit' });
    if (error) {
      throw new EKSAuthError('EXEC_FAILED', `${program} could not be run: ${(error as NodeJS.ErrnoException).code}.`, {
        remedy: 'Install the AWS CLI, or correct PATH.',
        cause: error,
      });
    }
    if (status === 0) out(`${paint('green', '✓')} logged in: ${printable(one.profile)}\n`);
    else failed = true;
  }
  return failed ? EXIT.failure : EXIT.ok;
}
