import { X509Certificate } from 'node:crypto';
import { constants } from 'node:os';
import type { CachedToken } from '../../cache/entry/shared-token.ts';
import { pluginKey } from '../../cache/identity/other-plugin-key.ts';
import { MAX_PLUGIN_LIFE_SECONDS, PLUGIN_LIFE_SECONDS, refreshMarginSeconds } from '../../cache/rules.ts';
import type { TokenCache } from '../../cache/store/token-cache.ts';
import type { Host } from '../../host.ts';
import { Recorder } from '../../recording/recorder.ts';
import { runProgram } from '../../system/run-program.ts';
import { type ExecCredential, readExecCredential } from './exec-credential.ts';
import { clusterInfo } from './exec-info.ts';
import { tookTooLong, tooMuchOutput } from './original-command.ts';
import { recordCommand } from './record-command.ts';

/** Any ExecCredential plugin, and the call that needs it. */
export interface PluginRequest {
  readonly command: string;
  readonly args: readonly string[];
  /** Names of variables that decide what the plugin prints, besides those of AWS. */
  readonly keyEnv: readonly string[];
  /** `env` is what the plugin sees, KUBERNETES_EXEC_INFO included. */
  readonly host: Host;
  /** Undefined: the plugin is run. */
  readonly cache: TokenCache | undefined;
  /**
   * `terminal` (default): the plugin uses stdin and stderr of this process. `captured`: a prompt cannot be answered,
   * and the answer has the plugin's stderr.
   */
  readonly stdio?: 'captured' | 'terminal';
  /** In milliseconds. Default: no limit. */
  readonly timeoutMs?: number | undefined;
  /** The apiVersion that the plugin has to answer in. Default: any. */
  readonly apiVersion?: string | undefined;
  /** Whether the server has refused a credential. A refused one is not taken from the cache. */
  readonly isRefused?: (credential: Pick<ExecCredential, 'token' | 'certificate'>) => boolean;
  /** Whether the plugin may be run. If not, a credential that the cache does not hold is a failure. Default: true. */
  readonly mayRun?: boolean;
  /** Only what was printed later than this is taken from the cache: whatever is older has been refused. */
  readonly newerThan?: Date | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The outcome of a {@link PluginRequest}. */
export type PluginAnswer =
  | { readonly kind: 'credential'; readonly credential: ExecCredential; readonly via: 'cache' | 'exec' }
  /**
   * The plugin failed, or printed something that only its caller may understand. The caller passes the output on
   * unchanged.
   */
  | {
      readonly kind: 'verbatim';
      readonly status: number;
      readonly stdout: string;
      /** Empty where it went to the terminal. */
      readonly stderr: string;
      /**
       * Why a client cannot use the output: the end of a sentence that begins with the name of the program. Absent
       * where the plugin failed.
       */
      readonly problem?: string;
    };

/**
 * What this plugin prints: from the shared cache if it has printed a credential for the same identity before, that is
 * for the same words, variables and cluster info. The plugin is not run ahead of time.
 * @throws NodeJS.ErrnoException where it could not be started
 * @throws EKSAuthError EXEC_FAILED where it prints more than 1 MiB, TIMEOUT
 */
export async function obtainPluginCredential(request: PluginRequest): Promise<PluginAnswer> {
  const { command, args, keyEnv, host, cache, newerThan, signal } = request;
  const marginSeconds = refreshMarginSeconds(host.env);
  const cluster = clusterInfo(host.env.KUBERNETES_EXEC_INFO);
  const key = pluginKey({ command, args, keyEnv, cluster, env: host.env });
  const done = async (): Promise<PluginAnswer | undefined> => {
    const read = await cache?.read(key, { command, marginSeconds, env: host.env });
    if (read === undefined) return undefined;
    const refused = read.hit && ((newerThan && read.entry.mintedAt <= newerThan) || request.isRefused?.(read.entry));
    if (read.hit && !refused) return fromCache(read.entry);
    host.logger.debug('no shared token', { command, reason: read.hit ? 'refused by the server' : read.reason });
    return undefined;
  };
  const work = async (): Promise<PluginAnswer> => {
    const recorder = new Recorder(host.env);
    recordCommand(recorder, command);
    const { status, stdout, stderr } = await runPlugin(request);
    if (status !== 0) return { kind: 'verbatim', status, stdout, stderr };
    const printed = readExecCredential(stdout, request.apiVersion);
    if (typeof printed === 'string') return { kind: 'verbatim', status, stdout, stderr, problem: printed };
    const { credential, keptUntil } = withinLife(printed, host.now(), marginSeconds);
    if (keptUntil !== undefined) {
      const { token, certificate } = printed;
      await cache?.store(
        key,
        { token, certificate, mintedAt: host.now(), expiresAt: keptUntil, command, unattended: false },
        await recorder.finish(),
      );
    }
    return { kind: 'credential', credential, via: 'exec' };
  };
  const shared = await done();
  if (request.mayRun === false && shared === undefined) return { kind: 'verbatim', status: 1, stdout: '', stderr: '' };
  return shared ?? (await (cache ? cache.exclusively(key, { done, work, signal }) : work()));
}

function fromCache({ token, certificate, expiresAt }: CachedToken): PluginAnswer {
  return { kind: 'credential', credential: { token, certificate, expiresAt }, via: 'cache' };
}

/**
 * How long a credential is kept, and which end clients are told. A credential without an end gets one, so that clients
 * ask again. An end in the past is not told: kubectl would ask before each request, although only the clock of this
 * machine may be wrong.
 */
function withinLife(printed: ExecCredential, now: Date, marginSeconds: number) {
  const inSeconds = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);
  const { expiresAt = inSeconds(PLUGIN_LIFE_SECONDS), ...rest } = endOf(printed);
  if (expiresAt <= now) return { credential: rest, keptUntil: undefined };
  const longest = inSeconds(MAX_PLUGIN_LIFE_SECONDS);
  const credential = { ...rest, expiresAt };
  if (expiresAt < inSeconds(marginSeconds)) return { credential, keptUntil: undefined };
  return { credential, keptUntil: new Date(Math.min(expiresAt.getTime(), longest.getTime())) };
}

/** A client certificate may end sooner than the plugin says. */
function endOf(printed: ExecCredential): ExecCredential {
  const { certificate, expiresAt } = printed;
  if (certificate === undefined) return printed;
  let end: number;
  try {
    end = Date.parse(new X509Certificate(certificate.clientCertificateData).validTo);
  } catch {
    return printed;
  }
  return end < (expiresAt?.getTime() ?? Number.POSITIVE_INFINITY) ? { ...printed, expiresAt: new Date(end) } : printed;
}

interface PluginOutput {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function runPlugin({ command, args, host, stdio, timeoutMs, signal }: PluginRequest): Promise<PluginOutput> {
  const terminal = stdio === 'captured' ? {} : ({ stdin: 'terminal', stderr: 'terminal' } as const);
  const outcome = await runProgram({ command, args, env: host.env, ...terminal, timeoutMs, signal });
  switch (outcome.kind) {
    case 'exited':
      return { status: outcome.status, stdout: outcome.stdout.toString('utf8'), stderr: outcome.stderr };
    case 'killed': {
      // The status that a shell reports for a program that a signal has ended.
      const status = 128 + constants.signals[outcome.signal];
      return { status, stdout: outcome.stdout.toString('utf8'), stderr: outcome.stderr };
    }
    case 'not-started':
      throw outcome.error;
    case 'too-much-output':
      throw tooMuchOutput(command);
    case 'timed-out':
      throw tookTooLong(command, timeoutMs ?? 0);
    default:
      throw signal?.reason;
  }
}
