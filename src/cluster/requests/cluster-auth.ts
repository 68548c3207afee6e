import { AsyncLocalStorage } from 'node:async_hooks';
import { signedAt } from '../../aws/command/exec-credential.ts';
import type { Token } from '../../aws/token/token.ts';
import type { TokenRequestOptions } from '../../aws/token/token-provider.ts';
import { EKSAuthError } from '../../errors.ts';
import { shown } from '../../text/nearest-names.ts';
import { shellWord } from '../../text/shell-word.ts';
import type { Passage } from '../transport/passage.ts';
import type { EKSIdentity } from './eks-identity.ts';

/** The part of client-node's `User` that marks it as an ekspress user. */
export interface AuthProviderMark {
  readonly name: 'ekspress';
  readonly config: { readonly cluster: string };
}

/** What a request of a cluster began with. */
export type ClusterPassage = Passage<EKSIdentity | undefined>;

/** The last request of a call; set while the call runs. */
export interface Trace {
  passage?: ClusterPassage;
}

/** The outcome of a call. */
export type Outcome<T> = { readonly value: T } | { readonly error: unknown };

/** A call that has ended. */
export interface Attempted<T> {
  readonly outcome: Outcome<T>;
  /** Of its last request. */
  readonly passage: ClusterPassage | undefined;
}

/** A request whose token the API server refused. */
export interface Refusal {
  /** Whether the request then succeeded with another token. */
  readonly healed: boolean;
}

/** Authenticates the requests of one cluster: an authenticator for client-node that also replaces refused tokens. */
export class ClusterAuth {
  readonly #id: string;
  readonly #traces = new AsyncLocalStorage<Trace>();
  /** The request whose header is made. */
  readonly #departing = new AsyncLocalStorage<ClusterPassage>();
  readonly #onRefused: ((refusal: Refusal) => void) | undefined;
  /** By mark. A request keeps the identity with which it began, also when the identity changes meanwhile. */
  readonly #identities = new WeakMap<AuthProviderMark, EKSIdentity>();
  #identity: EKSIdentity | undefined;
  #mark: AuthProviderMark | undefined;
  #closed: (() => EKSAuthError) | undefined;

  /**
   * @param identity undefined where the user is not an EKS user
   * @param onRefused called for each request whose token was refused
   */
  constructor(id: string, identity: EKSIdentity | undefined, onRefused?: (refusal: Refusal) => void) {
    this.#id = id;
    this.#onRefused = onRefused;
    this.replaceIdentity(identity);
  }

  /** The identity of new requests. */
  get identity(): EKSIdentity | undefined {
    return this.#identity;
  }

  /** Marks the user of this cluster. Compared by reference, which tells clusters of the same name apart. */
  get mark(): AuthProviderMark | undefined {
    return this.#mark;
  }

  /** Authenticates new requests with another identity, and stops the token refresh of the previous one. */
  replaceIdentity(identity: EKSIdentity | undefined): void {
    if (this.#identity !== identity) this.#identity?.stop();
    this.#identity = identity;
    if (identity === undefined) {
      this.#mark = undefined;
      return;
    }
    // client-node handles config.exec, config.tokenFile and the names azure, gcp, oidc and exec itself.
    this.#mark = { name: 'ekspress', config: { cluster: this.#id } };
    this.#identities.set(this.#mark, identity);
  }

  /**
   * Ends the authentication of requests.
   * @param reason the error of every later request
   */
  close(reason: () => EKSAuthError): void {
    this.#closed = reason;
    this.#identity?.close(reason);
  }

  /** @throws EKSAuthError after {@link ClusterAuth.close} */
  assertOpen(): void {
    if (this.#closed) throw this.#closed();
  }

  /** Called by client-node to find the authenticator of a user. */
  isAuthProvider(user: { readonly authProvider?: unknown }): boolean {
    return this.#identities.has(user.authProvider as AuthProviderMark);
  }

  /**
   * Called by client-node to set the header of each request and of each connect and reconnect.
   * @throws EKSAuthError SERVER_UNTRUSTED outside of {@link ClusterAuth.depart}: no token without a passage
   */
  async applyAuthentication(user: { readonly authProvider?: unknown }, request: { headers?: unknown }): Promise<void> {
    this.assertOpen();
    const identity = this.#identities.get(user.authProvider as AuthProviderMark);
    if (identity === undefined) throw notEKS(this.#id);
    const passage = this.#departing.getStore();
    if (passage?.identity !== identity) throw withoutPassage(this.#id);
    const { token } = await identity.tokens.getValidToken();
    request.headers = { ...(request.headers as object | undefined), Authorization: passage.authorize(token) };
  }

  /** Runs what makes the header of a request. */
  depart(passage: ClusterPassage, makeHeader: () => Promise<void>): Promise<void> {
    const trace = this.#traces.getStore();
    if (trace) trace.passage = passage;
    return this.#departing.run(passage, makeHeader);
  }

  /** @throws EKSAuthError; NOT_EKS where the user is not an EKS user */
  async getToken(options: TokenRequestOptions = {}): Promise<Token> {
    this.assertOpen();
    if (this.#identity === undefined) throw notEKS(this.#id);
    return this.#identity.tokens.getValidToken(options);
  }

  /** Runs a call, and returns its outcome and the passage of its last request. */
  async attempt<T>(call: () => Promise<T>, trace: Trace = {}): Promise<Attempted<T>> {
    return this.#traces.run(trace, async () => {
      try {
        return { outcome: { value: await call() }, passage: trace.passage };
      } catch (error) {
        // client-node leaves out why a request was ended here.
        return { outcome: { error: trace.passage?.failure ?? error }, passage: trace.passage };
      }
    });
  }

  /**
   * Sends a request again with another token after the server refused the first one. Concurrent callers with the same
   * refused token share one new token. The identity is that of the request, even if the cluster has another one meanwhile.
   * @param passage of the request that was refused
   * @param resend sends the request with a token; resolves to whether the server accepted it
   * @param serverTime the server's clock in its refusal, if known
   * @throws EKSAuthError TOKEN_REJECTED, or the reason why there is no other token
   */
  async heal(
    passage: ClusterPassage,
    resend: (token: string) => Promise<boolean>,
    { signal, serverTime }: { signal?: AbortSignal | undefined; serverTime?: () => Date | undefined } = {},
  ): Promise<void> {
    const { identity, token: refused = '' } = passage;
    let healed = false;
    try {
      await identity?.tokens.invalidate(refused);
      this.assertOpen();
      if (identity === undefined) throw notEKS(this.#id);
      const { token } = await identity.tokens.getValidToken(signal ? { signal } : {});
      // The same keys sign the same token within one second.
      healed = token !== refused && (await resend(token));
      if (!healed) throw this.#rejected(identity, token, serverTime?.());
    } finally {
      this.#onRefused?.({ healed });
    }
  }

  /** The error for an identity that the server refuses, as opposed to a single token. */
  #rejected({ profile, config }: EKSIdentity, token: string, serverTime: Date | undefined): EKSAuthError {
    const { clusterName, clusterId, region, roleArn } = config;
    const name = clusterName ?? clusterId ?? this.#id;
    const regionFlag = region === undefined ? '' : ` --region ${region}`;
    const profileFlag = profile === undefined ? '' : ` --profile ${shellWord(profile)}`;
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
          remedy:
            'Set the clock of this machine (`timedatectl set-ntp true`): AWS refuses signatures whose time is wrong.',
        },
      );
    }
    const identity = roleArn ?? `\`aws sts get-caller-identity${profileFlag}\``;
    const entries = `\`aws eks list-access-entries --cluster-name ${name}${regionFlag}\``;
    const map = '`kubectl -n kube-system get configmap aws-auth -o yaml`';
    return new EKSAuthError(
      'TOKEN_REJECTED',
      `The API server of cluster ${shown(name)} refused a fresh token of ${who.join(', ')}: it does not know this AWS identity.`,
      { remedy: `Check whether ${identity} is listed by ${entries} or ${map}.` },
    );
  }
}

/**
 * AWS accepts signatures up to five minutes in the future. A fresh token with more skew than this has a wrong clock.
 */
const TOLERATED_SKEW_MINUTES = 4;

/** The clock skew of the signer, in words; undefined where the skew is not the reason for the refusal. */
function skewOf(token: string, serverTime: Date | undefined): string | undefined {
  const minutes = Math.round(
    ((signedAt(token)?.getTime() ?? Number.NaN) - (serverTime?.getTime() ?? Number.NaN)) / 60_000,
  );
  if (Number.isNaN(minutes) || Math.abs(minutes) <= TOLERATED_SKEW_MINUTES) return undefined;
  return `${Math.abs(minutes)} minutes ${minutes > 0 ? 'ahead of' : 'behind'}`;
}

/** The id of the access key that signed a token, which is not secret; `?` for other kinds of token. */
function accessKeyOf(token: string): string {
  const url = Buffer.from(token.replace(/^k8s-aws-v1\./, ''), 'base64url').toString('latin1');
  return /[?&]X-Amz-Credential=(\w+)(?:%2F|\/)/i.exec(url)?.[1] ?? '?';
}

function withoutPassage(id: string): EKSAuthError {
  const message = `A token of cluster ${shown(id)} was asked for outside of a request to it.`;
  return new EKSAuthError('SERVER_UNTRUSTED', message, {
    remedy: "Make requests with the cluster's own clients or its kubeConfig, not with a copy of that.",
  });
}

function notEKS(id: string): EKSAuthError {
  return new EKSAuthError('NOT_EKS', `The user of cluster ${shown(id)} does not authenticate through AWS.`, {
    remedy: "Use the cluster's kubeConfig, which has the credentials of the kubeconfig file.",
  });
}
