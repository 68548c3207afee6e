import { sharedEntryOf } from '../../aws/token/shared-entry.ts';
import { cacheDirectory } from '../../cache/directory/directory.ts';
import { refreshMarginSeconds } from '../../cache/rules.ts';
import { filesToRead } from '../../cache/sealed/cache-keys.ts';
import { type Inspection, inspectEntry } from '../../cache/store/manage-entries.ts';
import type { EKSAuthError } from '../../errors.ts';
import { overlaid } from '../../host.ts';
import { ekspressHome } from '../../plugin/ekspress-home.ts';
import { scriptState } from '../../plugin/plugin-script.ts';
import { isoSeconds } from '../../text/iso-seconds.ts';
import type { Terminal } from '../command.ts';
import { type DescribedContext, describeContexts, NOT_INSTALLED } from '../contexts/describe-context.ts';
import { loadContexts } from '../contexts/load-contexts.ts';
import { Measured, type Run } from '../contexts/measured.ts';
import { pickContexts } from '../contexts/pick-contexts.ts';
import { type LoginView, signInReader } from './read-login.ts';

/** The token of a context in the shared cache. */
export interface TokenView {
  readonly state: 'valid' | 'none' | 'unusable';
  /** Why the entry is not used, if there is one. */
  readonly reason?: string | undefined;
  readonly expiresAt?: string | undefined;
  readonly secondsLeft?: number | undefined;
  readonly ageSeconds?: number | undefined;
  /** Signed by ekspress, or printed by the original command. */
  readonly source?: 'in-process' | 'command' | undefined;
}

/** One line of the status. */
export interface StatusLine {
  readonly context: DescribedContext;
  readonly token: TokenView | undefined;
  readonly login: LoginView | undefined;
  readonly loginFile: string | undefined;
  /** The profile that keys in the environment take the place of. */
  readonly overridden: string | undefined;
  /** Why the AWS files give no credentials. */
  readonly problem: EKSAuthError | undefined;
  /** Whether the next command of kubectl gets its token from the shared cache. Undefined: it is not examined. */
  readonly fromCache: boolean | undefined;
  /** How long the command of the context took when it was measured. */
  readonly costSeconds: number | undefined;
}

export interface Status {
  readonly files: readonly string[];
  readonly script: { readonly path: string; readonly state: string };
  readonly lines: readonly StatusLine[];
}

/** Reads the status from files only, without minting a token and without requests. @throws EKSAuthError */
export async function readStatus(terminal: Terminal, names: readonly string[]): Promise<Status> {
  const { env } = terminal;
  const loaded = await loadContexts(terminal);
  const chosen = names.length > 0 ? pickContexts(loaded, names) : loaded.contexts;
  const contexts = await describeContexts(chosen, env);
  const now = new Date();
  const signInOf = signInReader(terminal);
  const measured = await Measured.read(env);
  const lines: StatusLine[] = [];
  for (const context of contexts) {
    const token = await tokenOf(context, terminal, now);
    const { login, loginFile, overridden, problem } = await signInOf(context, now);
    const { exec } = context;
    const fromCache = isServed(context, token);
    const costSeconds = exec && measured.secondsOf(exec, runOf({ context, token }));
    lines.push({ context, token, login, loginFile, overridden, problem, fromCache, costSeconds });
  }
  const { script } = ekspressHome(env);
  return { files: loaded.files, script: { path: script, state: await scriptState(script) }, lines };
}

/** Whether the next command of a context finds its token in the shared cache. */
export function runOf({ context, token }: Pick<StatusLine, 'context' | 'token'>): Run {
  // What another plugin printed is not examined here. Its second call finds it.
  return (isServed(context, token) ?? true) ? 'from the cache' : 'without the cache';
}

function isServed({ state, reason }: DescribedContext, token: TokenView | undefined): boolean | undefined {
  if (state !== 'applied' || reason === NOT_INSTALLED) return false;
  return token && token.state === 'valid';
}

async function tokenOf(context: DescribedContext, { env }: Terminal, now: Date): Promise<TokenView | undefined> {
  const config = context.config ?? (context.state === 'applied' ? context.behind : undefined);
  if (!config) return undefined;
  const own = overlaid(env, config.exec.env.toEnvironment());
  const { key, command } = sharedEntryOf(config, own);
  const marginSeconds = refreshMarginSeconds(own);
  const files = filesToRead(config.encrypt, env);
  if (typeof files === 'string') return { state: 'none', reason: files };
  return view(await inspectEntry(cacheDirectory(own), key, { command, now, marginSeconds, env: own, files }), now);
}

function view(found: Inspection, now: Date): TokenView {
  if (found.state === 'none') return { state: 'none' };
  const { mintedAt, expiresAt, command } = found.entry ?? {};
  return {
    state: found.state,
    ...(found.state === 'unusable' && { reason: found.reason }),
    ...(expiresAt && {
      expiresAt: isoSeconds(expiresAt),
      secondsLeft: Math.max(0, Math.floor((expiresAt.getTime() - now.getTime()) / 1000)),
    }),
    ...(mintedAt && {
      ageSeconds: Math.max(0, Math.floor((now.getTime() - mintedAt.getTime()) / 1000)),
      source: command === undefined ? ('in-process' as const) : ('command' as const),
    }),
  };
}
