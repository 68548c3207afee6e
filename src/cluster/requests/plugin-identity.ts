import { isDeepStrictEqual } from 'node:util';
import type { ExecCredential } from '../../aws/command/exec-credential.ts';
import { formatExecInfo } from '../../aws/command/exec-info.ts';
import { obtainPluginCredential } from '../../aws/command/obtain-plugin-credential.ts';
import type { TokenRequestOptions } from '../../aws/token/auth-provider.ts';
import { sharedCacheOf } from '../../aws/token/shared-entry.ts';
import type { TokenManagerOptions } from '../../aws/token/token-provider.ts';
import { PLUGIN_LIFE_SECONDS, refreshMarginSeconds } from '../../cache/rules.ts';
import type { TokenCache } from '../../cache/store/token-cache.ts';
import { EKSAuthError } from '../../errors.ts';
import { type Host, withEnvironment } from '../../host.ts';
import type { SelectedContext } from '../../kubeconfig/read/select-context.ts';
import { originalPlugin, type PluginCommand } from '../../plugin/original-plugin.ts';
import { readBytesSync } from '../../system/read-file.ts';
import { SingleFlight } from '../../system/single-flight.ts';
import { unlessAborted } from '../../system/unless-aborted.ts';
import { answerOf, notStarted, requireCallable } from './plugin-errors.ts';

const DEFAULT_TIMEOUT_MS = 60_000;

/** What a plugin has printed, while it is valid. */
interface HeldCredential {
  readonly credential: ExecCredential;
  readonly until: number;
}

/**
 * A user whose `exec` is not an EKS command. The program is called as client-go calls it, once for all requests that
 * wait for it. Its credential is shared with kubectl. Nothing is run before the first request.
 */
export class PluginIdentity {
  readonly #selected: SelectedContext;
  readonly #command: PluginCommand;
  readonly #host: Host;
  readonly #cache: TokenCache | undefined;
  readonly #timeoutMs: number;
  readonly #flights = new SingleFlight();
  readonly #ended = new AbortController();
  #held: HeldCredential | undefined;
  #refused: Pick<ExecCredential, 'token' | 'certificate'> | undefined;
  #closed: (() => EKSAuthError) | undefined;

  /** @param selected a context whose user has `exec` */
  constructor(selected: SelectedContext, options: TokenManagerOptions & Host) {
    const { exec } = selected.user;
    this.#selected = selected;
    this.#command = originalPlugin(exec?.command ?? '', exec?.args ?? []);
    const env = Object.fromEntries((exec?.env ?? []).map(({ name, value }) => [name, value]));
    this.#host = withEnvironment(options, env);
    this.#cache = sharedCacheOf(options, options, this.#command.encrypt);
    this.#timeoutMs = options.execTimeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  /** The program, as the kubeconfig names it. */
  get command(): string {
    return this.#command.command;
  }

  /** Whether a context would get the same credentials. */
  serves({ user, cluster }: SelectedContext): boolean {
    const { user: own, cluster: ownCluster } = this.#selected;
    return isDeepStrictEqual(
      [user.exec, user.plugin, user.plugin?.provideClusterInfo && cluster],
      [own.exec, own.plugin, own.plugin?.provideClusterInfo && ownCluster],
    );
  }

  /** A credential that is valid now. @throws EKSAuthError */
  async credential(signal?: AbortSignal): Promise<ExecCredential> {
    if (this.#closed) throw this.#closed();
    const held = this.#held;
    if (held !== undefined && this.#host.now().getTime() < held.until) return held.credential;
    return unlessAborted(
      this.#flights.do('credential', undefined, () => this.#obtain()),
      signal,
    );
  }

  /** The same as {@link PluginIdentity.credential} for a request that is sent again with another token. */
  async getValidToken({ signal }: TokenRequestOptions = {}): Promise<{ readonly token: string }> {
    return this.credential(signal);
  }

  /** Drops a token that the server has refused, here and in the shared cache. */
  async invalidate(token: string): Promise<void> {
    if (this.#held?.credential.token === token) this.#drop(this.#held);
  }

  /** Drops a client certificate that the server has refused. */
  invalidateCertificate(certificate: string): void {
    if (this.#held?.credential.certificate?.clientCertificateData === certificate) this.#drop(this.#held);
  }

  /** Has no effect: nothing runs in the background. */
  stop(): void {}

  /** Every later request for a credential fails with this reason. */
  close(reason: () => EKSAuthError): void {
    this.#closed = reason;
    this.#ended.abort(reason());
  }

  #drop({ credential }: HeldCredential): void {
    this.#refused = credential;
    this.#held = undefined;
  }

  async #obtain(): Promise<ExecCredential> {
    const { command, args, keyEnv } = this.#command;
    const { user, cluster } = this.#selected;
    const { apiVersion, needsPerson } = requireCallable(this.#selected);
    const { caData = dataOf(cluster.caFile), ...described } = cluster;
    const info = formatExecInfo(apiVersion, user.plugin?.provideClusterInfo ? { ...described, caData } : undefined);
    const host = withEnvironment(this.#host, { KUBERNETES_EXEC_INFO: `${info}\n` });
    const refused = this.#refused;
    const answer = await obtainPluginCredential({
      command,
      args,
      keyEnv,
      host,
      cache: this.#cache,
      apiVersion,
      stdio: 'captured',
      timeoutMs: this.#timeoutMs,
      signal: this.#ended.signal,
      isRefused: ({ token, certificate }) =>
        refused !== undefined &&
        refused.token === token &&
        refused.certificate?.clientCertificateData === certificate?.clientCertificateData,
      mayRun: !needsPerson,
    }).catch((error: unknown) => {
      throw error instanceof EKSAuthError || this.#ended.signal.aborted
        ? error
        : notStarted(this.#selected, command, error);
    });
    const credential = answerOf(this.#selected, command, answer);
    this.#held = { credential, until: this.#heldUntil(credential) };
    this.#refused = undefined;
    return credential;
  }

  /**
   * The time until which a credential is used: the margin before its end, or a tenth of its life if that is shorter.
   */
  #heldUntil({ expiresAt }: ExecCredential): number {
    const now = this.#host.now().getTime();
    const end = expiresAt?.getTime() ?? now + PLUGIN_LIFE_SECONDS * 1000;
    return end - Math.min(refreshMarginSeconds(this.#host.env) * 1000, (end - now) / 10);
  }
}

function dataOf(file: string | undefined): string | undefined {
  return file === undefined ? undefined : readBytesSync(file).toString('base64');
}
