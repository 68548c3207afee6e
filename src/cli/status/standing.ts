import { EKSAuthError } from '../../errors.ts';
import { APPLY } from '../../text/apply-words.ts';
import { VERSION } from '../../text/version.ts';
import type { Terminal } from '../command.ts';
import { contextArgument } from '../contexts/context-words.ts';
import { printable, wrapped } from '../terminal/display-width.ts';
import { painter } from '../terminal/paint.ts';
import { span } from '../terminal/times.ts';
import { readStatus, type Status, type StatusLine } from './read-status.ts';
import { loginNotes } from './show-status.ts';
import { STATE_WORDS } from './state-words.ts';

/** What `ekspress` without a command shows on a terminal: where the user stands, and the next step. */
export async function standing(terminal: Terminal): Promise<string> {
  const { bold, lines } = await linesOf(terminal);
  const { columns } = terminal.screen;
  const text = lines.map((line) => wrapped(printable(line), columns, '  '));
  return `${[bold, '', ...text, '', 'All commands: ekspress --help'].join('\n')}\n`;
}

async function linesOf(terminal: Terminal): Promise<{ bold: string; lines: readonly string[] }> {
  const bold = painter(terminal.screen)('bold', `ekspress ${VERSION}: EKS auth, express`);
  try {
    return { bold, lines: ofStatus(await readStatus(terminal, [])) };
  } catch (error) {
    if (!(error instanceof EKSAuthError)) throw error;
    return { bold, lines: [error.message, error.remedy, 'See it work without AWS: ekspress demo'] };
  }
}

function ofStatus(status: Status): readonly string[] {
  const { lines } = status;
  const eks = lines.filter(({ context }) => !['other', 'invalid'].includes(context.state));
  const applied = eks.filter(({ context }) => context.state === 'applied');
  const current = lines.find(({ context }) => context.current);
  const counted = `${applied.length} of ${eks.length} contexts with a command use ekspress.`;
  return [
    current ? `Current context: ${current.context.name} (${shortOf(current)})` : 'There is no current context.',
    eks.length === 0 ? 'No context runs a command for its tokens.' : counted,
    `Next: ${nextStep(lines, current)}`,
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

function nextStep(lines: readonly StatusLine[], current: StatusLine | undefined): string {
  const [login] = current ? loginNotes([current]) : [];
  if (login !== undefined) return login;
  const has = (...states: string[]) => lines.some(({ context }) => states.includes(context.state));
  if (has('not-applied', 'drifted', 'wrapped')) return APPLY;
  const other = lines.find(({ context }) => context.state === 'other-command');
  if (other) return `${APPLY} ${contextArgument(other.context.name)}`;
  return has('applied') ? 'ekspress status shows tokens and logins, ekspress doctor what is wrong' : 'ekspress demo';
}
