import { APPLY, RENEW, WRITE_CONTEXTS } from '../../text/apply-words.ts';
import type { Terminal } from '../command.ts';
import { contextArgument } from '../contexts/context-words.ts';
import { type DescribedContext, profileWords, roleName } from '../contexts/describe-context.ts';
import { loginLine, loginName } from '../contexts/login-words.ts';
import { withKubeconfig } from '../contexts/same-kubeconfig.ts';
import { namesByWords, namesInShort } from '../contexts/shared-words.ts';
import { printable, wrapped } from '../terminal/display-width.ts';
import type { Colour } from '../terminal/paint.ts';
import { painter } from '../terminal/paint.ts';
import { type Cell, type Column, formatTable } from '../terminal/table.ts';
import { span } from '../terminal/times.ts';
import { ENDS_SOON, type LoginView } from './read-login.ts';
import type { Status, StatusLine, TokenView } from './read-status.ts';
import { STATE_COLOURS, STATE_WORDS } from './state-words.ts';

/** Version of the output of `-o json`: docs/status-schema.md. Fields are added, never renamed or removed. */
const SCHEMA = 'ekspress.status/1';

const COLUMNS: readonly Column[] = [
  { title: 'CONTEXT', importance: 0, lost: 'middle', atLeast: 20 },
  { title: 'STATE', importance: 0, atLeast: 15 },
  { title: 'TOKEN', importance: 0, atLeast: 14 },
  { title: 'LOGIN', importance: 2, atLeast: 8 },
  { title: 'PER COMMAND', importance: 1, atLeast: 11 },
  { title: 'CLUSTER', importance: 4, lost: 'middle', atLeast: 8 },
  { title: 'REGION', importance: 3, atLeast: 14 },
  { title: 'ROLE', importance: 2, lost: 'middle', atLeast: 7 },
  { title: 'PROFILE', importance: 2, lost: 'middle', atLeast: 7 },
  { title: 'ACCOUNT', importance: 5, atLeast: 12 },
];

/** What helps where nothing gets EKS tokens. */
const WRITE_SOME = `\`${WRITE_CONTEXTS}\` writes contexts for the EKS clusters of your accounts.`;

/** The table of the default format. */
export function statusTable(status: Status, { screen, options }: Pick<Terminal, 'screen' | 'options'>): string {
  if (status.lines.length === 0)
    return `${wrapped(withKubeconfig(`There are no contexts. ${WRITE_SOME}`, options), screen.columns)}\n`;
  const empty = new Set([
    ...(status.lines.some(({ login, problem }) => login ?? problem) ? [] : ['LOGIN']),
    ...(status.lines.some(({ context }) => roleName(context)) ? [] : ['ROLE']),
    ...(status.lines.some(({ context }) => profileWords(context)) ? [] : ['PROFILE']),
    ...(status.lines.some(({ costSeconds }) => costSeconds !== undefined) ? [] : ['PER COMMAND']),
  ]);
  const shown = <T>(cells: readonly T[]) => cells.filter((_, column) => !empty.has(COLUMNS[column]?.title ?? ''));
  const rows = status.lines.map((line) => shown(rowOf(line)));
  const table = formatTable(shown(COLUMNS), rows, screen);
  const notes = notesOf(status).map((note) => withKubeconfig(note, options));
  const paint = painter(screen);
  const lines = notes.map((note) => `${paint('yellow', '!')} ${wrapped(printable(note), screen.columns - 2, '  ')}\n`);
  if (empty.has('PER COMMAND') && status.lines.some(({ context }) => context.exec)) {
    const how = withKubeconfig('To measure what each context costs per command: `ekspress status --measure`', options);
    lines.push(`  ${wrapped(how, screen.columns - 2, '  ')}\n`);
  }
  const words = tokenWords(status.lines);
  const more = 'all words: `ekspress status --help`';
  if (words.length > 0) lines.push(`  ${wrapped(`TOKEN ${[...words, more].join('; ')}`, screen.columns - 2, '  ')}\n`);
  return lines.length === 0 ? table : `${table}\n${lines.join('')}`;
}

/** The value that `-o json` and `-o yaml` print. */
export function statusValue({ files, script, lines }: Status, now: Date): unknown {
  return {
    schema: SCHEMA,
    generatedAt: now.toISOString(),
    kubeconfig: files,
    script,
    contexts: lines.map(({ context, token, login, problem, fromCache, costSeconds }) => {
      const { config = context.behind, wrapping } = context;
      return {
        name: context.name,
        current: context.current,
        state: context.state,
        reason: context.reason ?? null,
        file: context.file ?? null,
        user: context.user ?? null,
        server: context.server ?? null,
        cluster: context.eksCluster ?? null,
        region: context.region ?? null,
        account: context.account ?? null,
        profile: context.profile ?? null,
        roleArn: config?.roleArn ?? null,
        portable: context.portable,
        encrypted: context.state === 'applied' && context.encrypt !== undefined,
        wrappedBy: wrapping?.tool ?? null,
        backup: context.backup ?? null,
        token: token ?? null,
        fromCache: fromCache ?? null,
        login: login ?? null,
        problem: problem ? { code: problem.code, message: problem.message, remedy: problem.remedy } : null,
        secondsPerCommand: costSeconds ?? null,
      };
    }),
  };
}

function rowOf({ context, token, login, problem, fromCache, costSeconds }: StatusLine): readonly Cell[] {
  const { state } = context;
  return [
    { text: `${context.current ? '* ' : '  '}${context.name}` },
    { text: stateText(context), colour: STATE_COLOURS[state] },
    tokenCell(token, fromCache),
    problem ? { text: 'broken', colour: 'red' } : loginCell(login),
    costCell(costSeconds),
    { text: context.eksCluster ?? '' },
    { text: context.region ?? '' },
    { text: roleName(context) ?? '' },
    { text: profileWords(context) },
    { text: context.account ?? '' },
  ];
}

function stateText({ state, reason, encrypt }: DescribedContext): string {
  if (state === 'applied' && encrypt !== undefined) return `${STATE_WORDS[state]}, encrypted`;
  if (state === 'wrapped') return reason ?? STATE_WORDS[state];
  return state === 'other-command' && reason ? `runs ${reason}` : STATE_WORDS[state];
}

function loginCell(login: LoginView | undefined): Cell {
  if (!login) return { text: '' };
  if (login.state === 'renews') return { text: 'renews itself', colour: 'green' };
  if (login.state === 'none') return { text: 'none', colour: 'red' };
  if (login.state === 'ended') return { text: 'ended', colour: 'red' };
  const seconds = login.secondsLeft ?? 0;
  return { text: `${span(seconds)} left`, colour: seconds < ENDS_SOON ? 'yellow' : 'green' };
}

function tokenCell(token: TokenView | undefined, fromCache: boolean | undefined): Cell {
  if (!token) return { text: '' };
  // A service may have put it there. The kubeconfig runs the original command.
  if (token.state === 'valid' && !fromCache) return { text: 'not used', colour: 'dim' };
  if (token.state === 'valid') return { text: `${span(token.secondsLeft ?? 0)} left`, colour: 'green' };
  return { text: token.state === 'none' ? 'none' : (token.reason ?? 'unusable'), colour: 'dim' };
}

function costCell(seconds: number | undefined): Cell {
  if (seconds === undefined) return { text: '' };
  const colour: Colour = seconds < 0.05 ? 'green' : seconds < 0.3 ? 'yellow' : 'red';
  return { text: seconds < 0.1 ? `${Math.ceil(seconds * 1000)} ms` : `${seconds.toFixed(2)} s`, colour };
}

/** The notes below the table: reasons, and next steps. */
function notesOf({ lines, script }: Status): string[] {
  const notes: string[] = [];
  const drifted = lines.filter(({ context }) => context.state === 'drifted');
  for (const { context } of drifted.slice(0, 3)) notes.push(`${context.name} has drifted: ${context.reason ?? ''}`);
  if (drifted.length > 3) notes.push(`${drifted.length - 3} more have drifted`);
  const invalid = lines.filter(({ context }) => context.state === 'invalid');
  for (const { context } of invalid.slice(0, 3)) notes.push(`${context.name}: ${context.reason ?? ''}`);
  notes.push(...new Set(lines.flatMap(({ token }) => (token?.state === 'none' && token.reason ? [token.reason] : []))));
  notes.push(...problemNotes(lines), ...loginNotes(lines));
  const overridden = new Set(lines.flatMap((line) => line.overridden ?? []));
  for (const profile of overridden) notes.push(`AWS_ACCESS_KEY_ID takes precedence over the profile ${profile}`);
  const open = lines.filter(({ context }) => ['not-applied', 'drifted', 'wrapped'].includes(context.state));
  if (open.length > 0) notes.push(`${contexts(open.length, "doesn't", "don't")} use ekspress yet: run \`${APPLY}\``);
  if (lines.every(({ context }) => ['other', 'invalid'].includes(context.state))) {
    notes.push(`there is no EKS context in this list. ${WRITE_SOME}`);
  }
  const others = lines.filter(({ context }) => context.state === 'other-command');
  if (others.length > 0) {
    const [{ context: first } = { context: { name: 'NAME' } }] = others;
    const name = others.length === 1 ? contextArgument(first.name) : 'NAME';
    notes.push(`${contexts(others.length, 'runs', 'run')} another program: \`${APPLY} ${name}\` keeps what it prints`);
  }
  if (script.state === 'outdated') notes.push(`${script.path} is outdated: the next miss, or \`${RENEW}\`, updates it`);
  return notes;
}

/** What the AWS files lack. Contexts with the same cause share a note. */
function problemNotes(lines: readonly StatusLine[]): string[] {
  const notes = namesByWords(
    lines.flatMap(({ context, problem }) =>
      problem ? [[`${problem.message} ${problem.remedy}`, [context.name]] as const] : [],
    ),
  );
  return [...notes].map(([words, names]) => `${namesInShort(names)}: ${words}`);
}

/** What the words of the column TOKEN mean, where they stand in it. */
function tokenWords(lines: readonly StatusLine[]): string[] {
  const texts = new Set(lines.map(({ token, fromCache }) => tokenCell(token, fromCache).text));
  return [
    ...(texts.has('none') ? ['none: the next command makes one'] : []),
    ...(texts.has('not used') ? ['not used: there is one, but the context runs its original command'] : []),
  ];
}

function contexts(count: number, one: string, several: string): string {
  return count === 1 ? `1 context ${one}` : `${count} contexts ${several}`;
}

/** Logins that are missing, have ended or end soon, each profile once. */
export function loginNotes(lines: readonly Pick<StatusLine, 'login'>[]): string[] {
  const notes = new Set<string>();
  for (const { login } of lines) {
    if (!login || login.state === 'renews') continue;
    const again = `\`${loginLine(login)}\``;
    if (login.state === 'none') notes.add(`the profile ${login.profile} has no login: ${again}`);
    else if (login.state === 'ended') notes.add(`${loginName(login)} has ended: ${again}`);
    else if ((login.secondsLeft ?? 0) < ENDS_SOON)
      notes.add(`${loginName(login)} ends in ${span(login.secondsLeft ?? 0)}: ${again}`);
  }
  return [...notes];
}
