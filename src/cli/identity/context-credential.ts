import type { ExecCredential } from '../../aws/command/exec-credential.ts';
import {
  obtainPluginCredential,
  type PluginAnswer,
  type PluginRequest,
} from '../../aws/command/obtain-plugin-credential.ts';
import type { EKSAuthConfig, ExecStanza } from '../../aws/stanza/eks-auth-config.ts';
import { ExecEnvironment } from '../../aws/stanza/exec-environment.ts';
import { obtainToken } from '../../aws/token/obtain-token.ts';
import { sharedCacheOf } from '../../aws/token/shared-entry.ts';
import type { ExecPolicy } from '../../aws/token/token-request.ts';
import { EKSAuthError } from '../../errors.ts';
import { hostFrom, overlaid } from '../../host.ts';
import type { Terminal } from '../command.ts';

/** What a credential is made from: a command for EKS tokens, or another plugin of kubectl. */
export interface CredentialSource {
  readonly config?: EKSAuthConfig | undefined;
  readonly stanza?: ExecStanza | undefined;
  /** For another plugin: the variables that its output depends on. */
  readonly keyEnv?: readonly string[] | undefined;
  /** For another plugin: the key file of encrypted entries, empty for the one in memory. */
  readonly encrypt?: string | undefined;
}

/**
 * The credential that kubectl would get, from the shared cache or newly made. It may ask the user.
 * @param execPolicy `eks-only`: runs no program, for commands that get tokens for EKS
 * @returns the exit status of another plugin if it prints no credential
 * @throws EKSAuthError
 */
export async function obtainCredential(
  source: CredentialSource,
  terminal: Terminal,
  execPolicy: ExecPolicy = 'allow',
): Promise<ExecCredential | number> {
  const { config, stanza, keyEnv = [], encrypt = config?.encrypt } = source;
  const { logger, signal } = terminal;
  const variables = config?.exec.env ?? stanza?.env ?? [];
  const environment = variables instanceof ExecEnvironment ? variables : new ExecEnvironment(variables);
  const host = hostFrom({ env: overlaid(terminal.env, environment.toEnvironment()), logger });
  const cache = sharedCacheOf({}, host, encrypt);
  if (config) return obtainToken({ config, host, cache, execPolicy, stdio: 'terminal', signal });
  const plugin = { command: stanza?.command ?? '', args: stanza?.args ?? [], keyEnv };
  const answer = await askPlugin({ ...plugin, host, cache, signal });
  if (answer.kind === 'credential') return answer.credential;
  if (answer.status !== 0) return answer.status;
  throw new EKSAuthError('EXEC_FAILED', 'The command printed no ExecCredential.', {
    remedy: 'Run it by hand: kubectl could not use what it prints either.',
  });
}

async function askPlugin(request: PluginRequest): Promise<PluginAnswer> {
  try {
    return await obtainPluginCredential(request);
  } catch (error) {
    request.signal?.throwIfAborted();
    if (error instanceof EKSAuthError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such program' : message;
    throw new EKSAuthError('EXEC_FAILED', `${request.command} could not be run: ${why}.`, {
      remedy: 'Check the name and PATH.',
      cause: error,
    });
  }
}
