import { EKSAuthError } from '../../errors.ts';
import { APPLY, WRITE_CONTEXTS } from '../../text/apply-words.ts';
import { VERSION } from '../../text/version.ts';
import type { Terminal } from '../command.ts';
import type { ReadCommand } from '../command-line/read-line.ts';
import { contextArgument } from '../contexts/context-words.ts';
import { withKubeconfig } from '../contexts/same-kubeconfig.ts';
import { printable, wrapped } from '../terminal/display-width.ts';
import { painter } from '../terminal/paint.ts';
import { span } from '../terminal/times.ts';
import { readStatus, type Status, type StatusLine } from './read-status.ts';
import { loginNotes } from './show-status.ts';
import { STATE_WORDS } from './state-words.ts';

/** Stands for a blank at which no line is broken: the state of a context stays in one piece. */
const NO_BREAK = '\u00a0';

/** What a line without a command takes. */
export const WITHOUT_COMMAND: ReadCommand = {
  name: 'A line without a command',
  options: {},
  globals: ['kubeconfig', 'context'],
  instead: { output: 'The state of all contexts as JSON: `ekspress status -o json`.' },
};

/** What `ekspress` without a command shows on a terminal: where the user stands, and the next step. */
export async function standing(terminal: Terminal): Promise<string> {
  const { bold, lines } = await linesOf(terminal);
  const { columns } = terminal.screen;
  const text = lines.map((line) => wrapped(printable(line), columns, '  ').replaceAll(NO_BREAK, ' '));
  return `${[bold, '', ...text, '', 'All commands: ekspress --help'].join('\n')}\n`;
}

async function linesOf(terminal: Terminal): Promise<{ bold: string; lines: readonly string[] }> {
  const bold = painter(terminal.screen)('bold', `ekspress ${VERSION}: EKS auth, express`);
  try {
    const named = terminal.options.contexts;
    const lines = ofStatus(await readStatus(terminal, named), named.length > 0);
    return { bold, lines: lines.map((line) => withKubeconfig(line, terminal.options)) };
  } catch (error) {
    // Where an option names what is not there, the line is wrong. Otherwise there is no kubeconfig yet.
    const { contexts, kubeconfig } = terminal.options;
    if (!(error instanceof EKSAuthError) || contexts.length > 0 || kubeconfig !== undefined) throw error;
    return { bold, lines: [error.message, error.remedy, 'See it work without AWS: ekspress demo'] };
  }
}

function ofStatus({ lines }: Status, areNamed: boolean): readonly string[] {
  if (areNamed) {
    const states = lines.map((line) => `Context: ${line.context.name} (${shortOf(line)})`);
    const open = lines.filter(({ context }) => CHANGED_BY_APPLY.includes(context.state));
    const apply = [APPLY, ...open.map(({ context }) => contextArgument(context.name))].join(' ');
    return [...states, `Next: ${nextStep(lines, lines, apply)}`];
  }
  const eks = lines.filter(({ context }) => !['other', 'invalid'].includes(context.state));
  const applied = eks.filter(({ context }) => context.state === 'applied');
  const current = lines.find(({ context }) => context.current);
  const counted = `${applied.length} of ${eks.length} contexts with a command use ekspress.`;
  return [
    current
      ? `Current context: ${current.context.name} (${shortOf(current).replaceAll(' ', NO_BREAK)})`
      : 'There is no current context.',
    eks.length === 0 ? 'No context runs a command for its tokens.' : counted,
    `Next: ${nextStep(lines, current ? [current] : [], APPLY)}`,
  ];
}

/** The state of a context in a few words, for a prompt. */
export function shortOf({ context, token, login, problem }: StatusLine): string {
  const { state, reason } = context;
  if (problem) return 'broken profile';
  if (login?.state === 'ended') return 'login ended';
  if (login?.state === 'none') return 'no login';
  if (state === 'other-command') return `runs ${reason}`;
  if (state !== 'applied') return STATE_WORDS[state];
  return token?.state === 'valid' ? span(token.secondsLeft ?? 0) : 'no token';
}

/** The states of which `apply` without an argument offers the contexts first. */
const CHANGED_BY_APPLY: readonly string[] = ['not-applied', 'drifted', 'wrapped'];

/** @param used - the contexts whose logins matter now */
function nextStep(lines: readonly StatusLine[], used: readonly StatusLine[], apply: string): string {
  const [login] = loginNotes(used);
  if (login !== undefined) return login;
  const has = (states: readonly string[]) => lines.some(({ context }) => states.includes(context.state));
  if (has(CHANGED_BY_APPLY)) return `\`${apply}\``;
  const other = lines.find(({ context }) => context.state === 'other-command');
  if (other) return `\`${APPLY} ${contextArgument(other.context.name)}\``;
  return has(['applied'])
    ? '`ekspress status` shows tokens and logins, `ekspress doctor` what is wrong'
    : `\`${WRITE_CONTEXTS}\` writes contexts for the EKS clusters of your accounts; \`ekspress demo\` needs no AWS`;
}
