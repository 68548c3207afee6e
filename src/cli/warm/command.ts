import { MintMemory } from '../../aws/context/mint-memory.ts';
import { RefreshTicker } from '../../aws/refresh/refresh-ticker.ts';
import type { Token } from '../../aws/token/token.ts';
import { TokenManager } from '../../aws/token/token-manager.ts';
import { EKSAuthError } from '../../errors.ts';
import { ekspressHome, tilde } from '../../plugin/ekspress-home.ts';
import { isWindowsPlugin, windowsState } from '../../plugin/windows-files.ts';
import { removeLeftOver } from '../../plugin/windows-install.ts';
import { onAbort } from '../../system/link-signals.ts';
import { install } from '../apply/install.ts';
import { type Command, defineCommand, EXIT, type Line, type Terminal } from '../command.ts';
import type { Options } from '../command-line/options.ts';
import { type DescribedContext, describeContexts } from '../contexts/describe-context.ts';
import { loadContexts } from '../contexts/load-contexts.ts';
import { pickContexts } from '../contexts/pick-contexts.ts';
import { withKubeconfig } from '../contexts/same-kubeconfig.ts';
import { ENDS_SOON, signInReader } from '../status/read-login.ts';
import { loginNotes } from '../status/show-status.ts';
import { printable, wrapped } from '../terminal/display-width.ts';
import { painter } from '../terminal/paint.ts';
import { printResult } from '../terminal/print-result.ts';
import { startProgress } from '../terminal/progress.ts';
import { span } from '../terminal/times.ts';
import { identitiesOf, type WarmIdentity } from './warm-identities.ts';

const options = {
  watch: { help: 'keep them warm until Ctrl-C: each is renewed some minutes before its end' },
} as const satisfies Options;

/** `ekspress warm`. */
export const warm: Command = defineCommand({
  name: 'warm',
  group: 'Tokens',
  summary: 'put tokens into the shared cache before they are needed',
  usage: ['[CONTEXT…]'],
  options,
  globals: ['kubeconfig', 'context', 'output'],
  choices: () => 'eks-contexts',
  about: [
    'Without a context: every EKS context. Tokens are made at the same time, one for each identity and cluster, with one call to AWS for each login. Tokens that are there stay.',
  ],
  examples: ['ekspress warm', 'ekspress warm dev prod --watch'],
  run,
});

/** How many tokens are made at the same time. Some of them start programs. */
const AT_ONCE = 8;

interface Warmed {
  readonly identity: WarmIdentity;
  readonly manager: TokenManager;
  readonly token?: Token;
  readonly error?: EKSAuthError;
}

async function run({ values, words }: Line<typeof options>, terminal: Terminal): Promise<number> {
  const names = [...terminal.options.contexts, ...words];
  const loaded = await loadContexts(terminal);
  const chosen = names.length > 0 ? pickContexts(loaded, names) : loaded.contexts;
  const contexts = await describeContexts(chosen, terminal.env);
  const none = names.length > 0 ? contexts.find(({ config }) => config === undefined) : undefined;
  if (none) throw none.problem ?? notEKS(none.name);
  const identities = identitiesOf(contexts, terminal.env);
  await renewPlugin(terminal);
  const ticker = new RefreshTicker();
  const warmed = await warmAll(identities, terminal, ticker);
  const value = warmed.flatMap(({ identity, token, error, manager }) =>
    identity.contexts.map((context) => ({
      context,
      ...(token && { expiresAt: token.expiresAt.toISOString(), source: manager.status().source }),
      ...(error && { error: { code: error.code, message: error.message, remedy: error.remedy } }),
    })),
  );
  printResult(terminal, value, () => textOf(warmed, terminal) || 'There are no EKS contexts.\n');
  const warn = loginWarner(contexts, terminal);
  await warn();
  if (values.watch && warmed.length > 0) return watch(warmed, terminal, warn);
  return warmed.some(({ error }) => error) ? EXIT.failure : EXIT.ok;
}

/** On Windows the plugin is a copy of Node, which is renewed when Node is. */
async function renewPlugin({ env, err }: Terminal): Promise<void> {
  const home = ekspressHome(env);
  if (!isWindowsPlugin(home.script)) return;
  await removeLeftOver(home.folder);
  if ((await windowsState(home.script)).state !== 'outdated') return;
  try {
    await install(home, [], env);
    err(`note: ${tilde(home.script, env)} was renewed.\n`);
  } catch (error) {
    if (!(error instanceof EKSAuthError)) throw error;
    err(`note: ${tilde(home.script, env)} was not renewed: ${error.message}\n`);
  }
}

async function warmAll(
  identities: readonly WarmIdentity[],
  terminal: Terminal,
  ticker: RefreshTicker,
): Promise<readonly Warmed[]> {
  const memory = new MintMemory();
  const progress = startProgress(terminal);
  const warmed: Warmed[] = [];
  const waiting = [...identities.entries()];
  let done = 0;
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, identity] = next;
      progress.update(done, identities.length, identity.contexts.join(', '));
      warmed[index] = await warmOne(identity, terminal, { ticker, memory });
      done += 1;
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    progress.end();
  }
  return warmed;
}

async function warmOne(
  identity: WarmIdentity,
  { env, logger: everything, signal, options }: Terminal,
  shared: { ticker: RefreshTicker; memory: MintMemory },
): Promise<Warmed> {
  // Failures are reported at the end. A line of the log would disturb the progress.
  const logger = options.debug ? everything : { ...everything, warn: () => undefined };
  const manager = new TokenManager(identity.config, { env, logger, ...shared });
  signal.throwIfAborted();
  try {
    return { identity, manager, token: await manager.getValidToken({ signal }) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof EKSAuthError)) throw error;
    return { identity, manager, error };
  }
}

/** The tokens, and then the failures. Contexts with the same failure share one: it has one cause. */
function textOf(warmed: readonly Warmed[], { screen, options }: Terminal): string {
  const paint = painter(screen);
  const made = warmed.flatMap((one) => (one.error ? [] : [madeLine(one, screen)]));
  const failures = new Map<string, { error: EKSAuthError; contexts: string[] }>();
  for (const { error, identity } of warmed) {
    if (!error) continue;
    const key = `${error.message}\n${error.remedy}`;
    const known = failures.get(key) ?? { error, contexts: [] };
    failures.set(key, { error, contexts: [...known.contexts, ...identity.contexts] });
  }
  const failed = [...failures.values()].map(({ error, contexts }) => {
    const lines = [
      `  ${contexts.map(printable).join(', ')}: ${error.message}`,
      `    ${withKubeconfig(error.remedy, options)}`,
    ];
    const text = lines.map((line) => wrapped(line, screen.columns, '    ')).join('\n');
    return `${paint('red', '✗')}${text.slice(1)}\n`;
  });
  return [...made, ...failed].join('');
}

function madeLine({ identity, token, manager }: Warmed, screen: Terminal['screen']): string {
  const paint = painter(screen);
  const names = identity.contexts.map(printable).join(', ');
  const left = span(((token?.expiresAt.getTime() ?? 0) - Date.now()) / 1000);
  const { source } = manager.status();
  const from = source === 'cache' ? 'was there' : source === 'exec' ? 'printed by the original command' : 'minted';
  const words = `${from}, ${left} left`;
  const line = wrapped(`  ${names}  ${words}`, screen.columns, '    ').slice(1);
  return `${paint('green', '✓')}${line.replace(words, paint('dim', words))}\n`;
}

/** Keeps the tokens warm. The ticker renews tokens that were made once; the others are tried again. */
async function watch(warmed: readonly Warmed[], terminal: Terminal, warn: () => Promise<void>): Promise<number> {
  const { signal, out, screen, options } = terminal;
  for (const { manager } of warmed) manager.startAutoRefresh();
  if (screen.live && options.output === 'table') out('Keeping them warm; Ctrl-C ends it.\n');
  const retry = setInterval(() => {
    for (const { manager, error } of warmed) if (error) void manager.getValidToken().catch(() => undefined);
    void warn();
  }, RETRY_MS);
  await new Promise<void>((resolve) => void onAbort(signal, resolve));
  clearInterval(retry);
  for (const { manager } of warmed) manager.stop();
  return EXIT.interrupted;
}

/** Warns of logins that end soon. Each warning is shown once. */
function loginWarner(contexts: readonly DescribedContext[], terminal: Terminal): () => Promise<void> {
  const told = new Set<string>();
  return async () => {
    const signInOf = signInReader(terminal);
    const lines = await Promise.all(contexts.map((context) => signInOf(context, new Date())));
    for (const { login } of lines) {
      const soon = login?.state === 'valid' && (login.secondsLeft ?? 0) < ENDS_SOON;
      if (!login || !soon || told.has(login.profile)) continue;
      told.add(login.profile);
      for (const note of loginNotes([{ login }])) terminal.err(`note: ${note}\n`);
    }
  };
}

/** How often `--watch` tries contexts without a token again, in milliseconds. The manager has its own backoff. */
const RETRY_MS = 30_000;

function notEKS(name: string): EKSAuthError {
  return new EKSAuthError('NOT_EKS', `The user of context ${JSON.stringify(name)} does not authenticate through AWS.`, {
    remedy: 'Choose an EKS context: `ekspress status` lists them.',
  });
}
