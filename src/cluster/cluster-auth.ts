import { AsyncLocalStorage } from 'node:async_hooks';
import { signedAt } from '../aws/exec-credential.ts';
import type { Token } from '../aws/token.ts';
import type { TokenRequestOptions } from '../aws/token-provider.ts';
import { EKSAuthError } from '../errors.ts';
import { shown } from '../text/nearest-names.ts';
import type { EKSIdentity } from './eks-identity.ts';

/** The part of client-node's `User` that marks it as ours. */
export interface AuthProviderMark {
  readonly name: 'ekspress';
  readonly config: { readonly cluster: string };
}

/** Which token a call has used; filled in while it runs. */
interface TokenTrace {
  token?: string;
}

/**
 * How the requests of one cluster are authenticated: an authenticator for client-node, and what is to be done when a
 * server refuses a token.
 */
export class ClusterAuth {
  readonly #id: string;
  readonly #traces = new AsyncLocalStorage<TokenTrace>();
  readonly #onRefused: ((healed: boolean) => void) | undefined;
  /** By mark: requests that are under way when the identity changes are made by the one that they began with. */
  readonly #identities = new WeakMap<AuthProviderMark, EKSIdentity>();
  #identity: EKSIdentity | undefined;
  #mark: AuthProviderMark | undefined;
  #closed: (() => EKSAuthError) | undefined;

  /**
   * @param identity undefined for users of other kinds
   * @param onRefused told of each request that met a refusal, and whether it then went through
   */
  constructor(id: string, identity: EKSIdentity | undefined, onRefused?: (healed: boolean) => void) {
    this.#id = id;
    this.#onRefused = onRefused;
    this.become(identity);
  }

  /** Whose tokens go out now. */
  get identity(): EKSIdentity | undefined {
    return this.#identity;
  }

  /** Marks the user of this cluster; compared by itself, so that two clusters of the same name are not mixed up. */
  get mark(): AuthProviderMark | undefined {
    return this.#mark;
  }

  /** From now on requests are those of another identity; that of before refreshes its tokens no more. */
  become(identity: EKSIdentity | undefined): void {
    if (this.#identity !== identity) this.#identity?.stop();
    this.#identity = identity;
    if (identity === undefined) {
      this.#mark = undefined;
      return;
    }
    // client-node takes config.exec, config.tokenFile and the names azure, gcp, oidc and exec for its own.
    this.#mark = { name: 'ekspress', config: { cluster: this.#id } };
    this.#identities.set(this.#mark, identity);
  }

  /**
   * From now on no request is made any more.
   * @param reason what those get who ask
   */
  close(reason: () => EKSAuthError): void {
    this.#closed = reason;
    this.#identity?.close(reason);
  }

  /** @throws EKSAuthError once it is closed */
  assertOpen(): void {
    if (this.#closed) throw this.#closed();
  }

  /** client-node asks which authenticator a user belongs to. */
  isAuthProvider(user: { readonly authProvider?: unknown }): boolean {
    return this.#identities.has(user.authProvider as AuthProviderMark);
  }

  /** client-node asks for the header of each request and each (re)connect. */
  async applyAuthentication(user: { readonly authProvider?: unknown }, request: { headers?: unknown }): Promise<void> {
    this.assertOpen();
    const identity = this.#identities.get(user.authProvider as AuthProviderMark);
    if (identity === undefined) throw notEKS(this.#id);
    const { token } = await identity.tokens.getValidToken();
    const trace = this.#traces.getStore();
    if (trace) trace.token = token;
    request.headers = { ...(request.headers as object | undefined), Authorization: `Bearer ${token}` };
  }

  /** @throws EKSAuthError; NOT_EKS for users of other kinds */
  async getToken(options: TokenRequestOptions = {}): Promise<Token> {
    this.assertOpen();
    if (this.#identity === undefined) throw notEKS(this.#id);
    return this.#identity.tokens.getValidToken(options);
  }

  /** Runs a call and tells which token it used: concurrent calls may use different ones. */
  async traced<T>(call: () => Promise<T>): Promise<{ readonly result: T; readonly token: string | undefined }> {
    const trace: TokenTrace = {};
    const result = await this.#traces.run(trace, call);
    return { result, token: trace.token };
  }

  /**
   * Sends a request again with another token in place of one that the server has refused. However many callers meet
   * the same refusal, one token is minted for them.
   * @param resend sends it with a token, and says whether the server took that one
   * @param serverTime what the server's clock said in its refusal, where that can be seen
   * @throws EKSAuthError TOKEN_REJECTED, or why there is no other token
   */
  async heal(
    refused: string,
    resend: (token: string) => Promise<boolean>,
    { signal, serverTime }: { signal?: AbortSignal | undefined; serverTime?: () => Date | undefined } = {},
  ): Promise<void> {
    // The one that it began with: meanwhile the cluster may become another one, at another server.
    const identity = this.#identity;
    let healed = false;
    try {
      await identity?.tokens.invalidate(refused);
      this.assertOpen();
      if (identity === undefined) throw notEKS(this.#id);
      const { token } = await identity.tokens.getValidToken(signal ? { signal } : {});
      // Signed again within the same second by the same keys it is the same token.
      healed = token !== refused && (await resend(token));
      if (!healed) throw this.#rejected(token, serverTime?.());
    } finally {
      this.#onRefused?.(healed);
    }
  }

  /** That the server refuses this identity, not just one token. */
  #rejected(token: string, serverTime: Date | undefined): EKSAuthError {
    if (this.#identity === undefined) return notEKS(this.#id);
    const { profile } = this.#identity;
    const { clusterName, clusterId, region, roleArn } = this.#identity.config;
    const name = clusterName ?? clusterId ?? this.#id;
    const regionFlag = region === undefined ? '' : ` --region ${region}`;
    const profileFlag = profile === undefined ? '' : ` --profile ${profile}`;
    const who = [
      roleArn && `the role ${shown(roleArn)}`,
      profile !== undefined && `the profile ${shown(profile)}`,
      `the access key ${accessKeyOf(token)}`,
    ].filter((part) => part);
    const skew = skewOf(token, serverTime);
    if (skew !== undefined) {
      return new EKSAuthError(
        'TOKEN_REJECTED',
        `The API server of cluster ${shown(name)} refused a fresh token of ${who.join(', ')}: the clock here is ${skew} the server's.`,
        {
          remedy: 'Set the clock of this machine (`timedatectl set-ntp true`): AWS refuses signatures of another time.',
        },
      );
    }
    const identity = roleArn ?? `\`aws sts get-caller-identity${profileFlag}\``;
    const entries = `\`aws eks list-access-entries --cluster-name ${name}${regionFlag}\``;
    const map = '`kubectl -n kube-system get configmap aws-auth -o yaml`';
    return new EKSAuthError(
      'TOKEN_REJECTED',
      `The API server of cluster ${shown(name)} refused a fresh token of ${who.join(', ')}: it does not know this AWS identity.`,
      { remedy: `See whether ${identity} is among ${entries} or in ${map}.` },
    );
  }
}

/** AWS takes signatures five minutes ahead of its time; a fresh one is not this old for another reason. */
const TOLERATED_SKEW_MINUTES = 4;

/** By how much the clock that signed the token is off, in words; undefined where it can be another reason. */
function skewOf(token: string, serverTime: Date | undefined): string | undefined {
  const minutes = Math.round(
    ((signedAt(token)?.getTime() ?? Number.NaN) - (serverTime?.getTime() ?? Number.NaN)) / 60_000,
  );
  if (Number.isNaN(minutes) || Math.abs(minutes) <= TOLERATED_SKEW_MINUTES) return undefined;
  return `${Math.abs(minutes)} minutes ${minutes > 0 ? 'ahead of' : 'behind'}`;
}

/** The id of the key that signed a token, which is no secret; `?` for a token of another make. */
function accessKeyOf(token: string): string {
  const url = Buffer.from(token.replace(/^k8s-aws-v1\./, ''), 'base64url').toString('latin1');
  return /[?&]X-Amz-Credential=(\w+)(?:%2F|\/)/i.exec(url)?.[1] ?? '?';
}

function notEKS(id: string): EKSAuthError {
  return new EKSAuthError('NOT_EKS', `The user of cluster ${shown(id)} does not authenticate through AWS.`, {
    remedy: 'Use its kubeConfig, which carries the authentication of the kubeconfig.',
  });
}
