import { EKSAuthError } from '../../errors.ts';
import { ekspressHome } from '../../plugin/ekspress-home.ts';
import { linkSignals, onAbort } from '../../system/link-signals.ts';
import { type Command, defineCommand, EXIT, type Line, type Terminal, UsageError } from '../command.ts';
import type { Options } from '../command-line/options.ts';
import { identitiesBehind } from '../compare/identities.ts';
import { compareAll, comparisonText, differs } from '../compare/show-comparison.ts';
import { describeContexts } from '../contexts/describe-context.ts';
import { type LoadedContext, type LoadedContexts, loadContexts } from '../contexts/load-contexts.ts';
import { pickOrCurrent } from '../contexts/pick-contexts.ts';
import { withKubeconfig } from '../contexts/same-kubeconfig.ts';
import { printable, wrapped } from '../terminal/display-width.ts';
import { type Colour, painter } from '../terminal/paint.ts';
import { printResult } from '../terminal/print-result.ts';
import { startProgress } from '../terminal/progress.ts';
import { contextChecks } from './context-checks.ts';
import { type Check, type Finding, failure } from './finding.ts';
import { localChecks } from './local-checks.ts';

const options = {
  compare: {
    help: 'also run the original command once, and show beside each other what AWS sees in both tokens; exit status 1 if it differs or cannot be compared',
  },
  timeout: { value: 'SECONDS', help: 'how long one check may take; default: 10' },
} as const satisfies Options;

/** `ekspress doctor`. */
export const doctor: Command = defineCommand({
  name: 'doctor',
  group: 'Who you are',
  summary: 'find out why kubectl is slow or refused',
  usage: ['[CONTEXT…]'],
  options,
  globals: ['kubeconfig', 'context', 'output'],
  choices: () => 'contexts',
  about: [
    "Without a context: the current one. It checks, at the same time: who AWS says you are, how long an SSO login lasts, this machine's clock, whether STS and the API server answer (through proxies), which identity the API server sees, the cache and its encryption, left-over locks, the installed script, what programs started from the desktop find, and kubectl's own plugin policy. A fresh token is made for it, which is not shared. The checks of this machine work without a network too.",
    'Exit status 1 if a check fails; -o json for scripts.',
  ],
  examples: ['ekspress doctor', 'ekspress doctor prod --compare'],
  run,
});

const NETWORK = 'Check the network, a VPN, HTTPS_PROXY and NO_PROXY.';

async function run({ values, words }: Line<typeof options>, terminal: Terminal): Promise<number> {
  const { timeout = '10' } = values;
  const names = [...terminal.options.contexts, ...words];
  const seconds = Number(timeout);
  if (!(seconds > 0 && seconds <= 3600)) throw new UsageError(`--timeout takes seconds, not '${timeout}'.`);
  const { loaded, chosen, problem } = await contextsFor(names, terminal);
  for (const context of chosen) if (context.problem) throw context.problem;
  const all = await describeContexts(loaded.contexts, terminal.env);
  const own = localChecks({
    env: terminal.env,
    home: ekspressHome(terminal.env),
    files: loaded.files,
    commands: all.flatMap(({ config, original, state }) =>
      original && (config || state === 'applied') ? [original.command] : [],
    ),
    applied: all.some(({ state, portable }) => state === 'applied' && !portable),
    keyFiles: all.flatMap(({ state, encrypt }) => (state === 'applied' ? (encrypt ?? []) : [])),
  });
  // The token that all checks of a context share is aborted after the last of them.
  const over = new AbortController();
  const { signal, unlink } = linkSignals([terminal.signal, over.signal]);
  const contexts = chosen.flatMap(({ name, selected }) => {
    const described = all.find((one) => one.name === name);
    return described && selected ? contextChecks(described, selected.cluster, { ...terminal, signal }) : [];
  });
  const missing: Check[] = problem ? [{ check: 'context', title: 'context', run: async () => [problem] }] : [];
  const findings = await runAll([...missing, ...contexts, ...own], terminal, seconds).finally(() => {
    over.abort();
    unlink();
  });
  const described = all.filter(({ name }) => chosen.some((one) => one.name === name));
  const compared = values.compare ? await compareAll(identitiesBehind(described), terminal) : [];
  const shown = compared.map(({ failure: _, ...one }) => one);
  printResult(terminal, { findings, ...(values.compare && { compared: shown }) }, () =>
    [
      ...findings.map((finding) => lineOf(finding, terminal)),
      ...(compared.length > 0 ? ['\n', comparisonText(compared, terminal)] : []),
    ].join(''),
  );
  const notEqual = compared.some((one) => differs(one) || one.failure !== undefined);
  const failed = notEqual || findings.some(({ result }) => result === 'failure');
  return failed ? EXIT.failure : EXIT.ok;
}

interface ContextsToCheck {
  readonly loaded: Pick<LoadedContexts, 'contexts' | 'files'>;
  readonly chosen: readonly LoadedContext[];
  /** Why there is no context to check. The machine is checked anyway. */
  readonly problem?: Omit<Finding, 'check'>;
}

async function contextsFor(names: readonly string[], terminal: Terminal): Promise<ContextsToCheck> {
  let loaded: Pick<LoadedContexts, 'contexts' | 'files'> = { contexts: [], files: [] };
  try {
    const found = await loadContexts(terminal);
    loaded = found;
    return { loaded, chosen: pickOrCurrent(found, names) };
  } catch (error) {
    if (names.length > 0 || !(error instanceof EKSAuthError)) throw error;
    return { loaded, chosen: [], problem: failure(error.message, error.remedy) };
  }
}

async function runAll(
  checks: readonly Check[],
  terminal: Terminal,
  seconds: number,
): Promise<readonly (Finding & { title: string })[]> {
  const progress = startProgress(terminal);
  const waiting = new Set(checks.map(({ title }) => title));
  const update = (): void => progress.update(checks.length - waiting.size, checks.length, [...waiting].join(', '));
  update();
  try {
    const found = await Promise.all(
      checks.map(async ({ check, title, run: work }) => {
        const results = await withinTime(work, terminal.signal, seconds);
        waiting.delete(title);
        update();
        return results.map((result) => ({ check, title, ...said(result, terminal) }));
      }),
    );
    terminal.signal.throwIfAborted();
    return found.flat();
  } finally {
    progress.end();
  }
}

/** A finding whose commands read the file that the line has named. */
function said<F extends Omit<Finding, 'check'>>(finding: F, { options }: Terminal): F {
  const { message, remedy } = finding;
  const named = remedy !== undefined && { remedy: withKubeconfig(remedy, options) };
  return { ...finding, message: withKubeconfig(message, options), ...named };
}

/** Runs a check with a time limit. The limit applies even if the check does not react to the signal. */
async function withinTime(work: Check['run'], interrupted: AbortSignal, seconds: number): ReturnType<Check['run']> {
  const { signal, unlink } = linkSignals([interrupted], seconds * 1000);
  const ended = new Promise<readonly Omit<Finding, 'check'>[]>((resolve) => {
    const told = (): void => resolve([failure(`no answer within ${seconds} s`, NETWORK)]);
    // A check that reacts to the signal has a better message and gets a moment to report it.
    onAbort(signal, () => setTimeout(told, 100));
  });
  try {
    return await Promise.race([work(signal), ended]);
  } finally {
    unlink();
  }
}

const MARKS: Readonly<Record<Finding['result'], readonly [string, Colour]>> = {
  ok: ['✓', 'green'],
  warning: ['!', 'yellow'],
  failure: ['✗', 'red'],
  skipped: ['-', 'dim'],
};

/** The indentation of text below the messages. */
const INDENT = ' '.repeat(14);

function lineOf({ result, title, message, remedy }: Finding & { title: string }, { screen }: Terminal): string {
  const paint = painter(screen);
  const [mark, colour] = MARKS[result];
  const lines = [message, ...(remedy === undefined ? [] : [remedy])].map((text) =>
    wrapped(`${INDENT}${printable(text)}`, screen.columns, INDENT).trimStart(),
  );
  return `${paint(colour, mark)} ${title.padEnd(12)}${lines.join(`\n${INDENT}`)}\n`;
}
