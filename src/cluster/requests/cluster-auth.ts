import { AsyncLocalStorage } from 'node:async_hooks';
import type { TokenRequestOptions } from '../../aws/token/auth-provider.ts';
import type { Token } from '../../aws/token/token.ts';
import { EKSAuthError } from '../../errors.ts';
import { shown } from '../../text/nearest-names.ts';
import type { Passage } from '../transport/passage.ts';
import { EKSIdentity } from './eks-identity.ts';
import { PluginIdentity } from './plugin-identity.ts';
import { rejected } from './rejection-errors.ts';
import type { RequestIdentity } from './request-identity.ts';

/** The part of client-node's `User` that marks it as an ekspress user. */
export interface AuthProviderMark {
  readonly name: 'ekspress';
  readonly config: { readonly cluster: string };
}

/** The passage of a request of a cluster. The identity is undefined where client-node authenticates by itself. */
export type ClusterPassage = Passage<RequestIdentity | undefined>;

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
  /** The passage of the request whose header is being made. */
  readonly #departing = new AsyncLocalStorage<ClusterPassage>();
  readonly #onRefused: ((refusal: Refusal) => void) | undefined;
  /**
   * The identities by mark. A request keeps the identity with which it began, even if the cluster's identity changes
   * meanwhile.
   */
  readonly #identities = new WeakMap<AuthProviderMark, EKSIdentity>();
  #identity: RequestIdentity | undefined;
  #mark: AuthProviderMark | undefined;
  #closed: (() => EKSAuthError) | undefined;

  /**
   * @param identity undefined where the user has no command
   * @param onRefused called for each request whose token was refused
   */
  constructor(id: string, identity: RequestIdentity | undefined, onRefused?: (refusal: Refusal) => void) {
    this.#id = id;
    this.#onRefused = onRefused;
    this.replaceIdentity(identity);
  }

  /** The identity of new requests. */
  get identity(): RequestIdentity | undefined {
    return this.#identity;
  }

  /** The identity of new requests, if the user is an EKS user. */
  get eks(): EKSIdentity | undefined {
    return this.#identity instanceof EKSIdentity ? this.#identity : undefined;
  }

  /** Marks the user of this cluster. Compared by reference, which tells clusters of the same name apart. */
  get mark(): AuthProviderMark | undefined {
    return this.#mark;
  }

  /** Authenticates new requests with another identity, and stops the token refresh of the previous one. */
  replaceIdentity(identity: RequestIdentity | undefined): void {
    if (this.#identity !== identity) this.#identity?.stop();
    this.#identity = identity;
    if (!(identity instanceof EKSIdentity)) {
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

  /** The reason why requests get no credentials; undefined before {@link ClusterAuth.close}. */
  get ended(): EKSAuthError | undefined {
    return this.#closed?.();
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

  /** Runs a function that makes the header of a request. */
  depart(passage: ClusterPassage, makeHeader: () => Promise<void>): Promise<void> {
    const trace = this.#traces.getStore();
    if (trace) trace.passage = passage;
    return this.#departing.run(passage, makeHeader);
  }

  /** @throws EKSAuthError; NOT_EKS where the user is not an EKS user */
  async getToken(options: TokenRequestOptions = {}): Promise<Token> {
    this.assertOpen();
    if (this.eks === undefined) throw notEKS(this.#id);
    return this.eks.tokens.getValidToken(options);
  }

  /** Runs a call, and returns its outcome and the passage of its last request. */
  async attempt<T>(call: () => Promise<T>, trace: Trace = {}): Promise<Attempted<T>> {
    return this.#traces.run(trace, async () => {
      try {
        return { outcome: { value: await call() }, passage: trace.passage };
      } catch (error) {
        // The error of client-node does not say why ekspress ended the request.
        return { outcome: { error: trace.passage?.failure ?? naming(error, this.#id) }, passage: trace.passage };
      }
    });
  }

  /** Waits for the answer to a request. An error of the network gets the cluster in its message. */
  async answer<T>(sent: Promise<T>): Promise<T> {
    try {
      return await sent;
    } catch (error) {
      throw naming(error, this.#id);
    }
  }

  /** Drops the client certificate that a command has printed, after the server refused a request without a token. */
  certificateRefused({ identity, route }: ClusterPassage): void {
    if (identity instanceof PluginIdentity && route.cert !== undefined) identity.invalidateCertificate(`${route.cert}`);
  }

  /** Drops a refused token whose request cannot be sent again. */
  async drop({ identity, token = '' }: ClusterPassage): Promise<void> {
    const tokens = identity instanceof EKSIdentity ? identity.tokens : identity;
    await tokens?.invalidate(token);
    this.#onRefused?.({ healed: false });
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
      const tokens = identity instanceof EKSIdentity ? identity.tokens : identity;
      await tokens?.invalidate(refused);
      this.assertOpen();
      if (identity === undefined || tokens === undefined) throw notEKS(this.#id);
      const { token } = await tokens.getValidToken(signal ? { signal } : {});
      // Within one second, the same keys sign the same token. Then a second attempt is useless.
      healed = token !== refused && (await resend(token));
      if (!healed) throw rejected(this.#id, identity, token, serverTime?.());
    } finally {
      this.#onRefused?.({ healed });
    }
  }
}

/** An error of the network with the cluster in its message, which has an address at most. Its class, code and cause stay. */
function naming(error: unknown, id: string): unknown {
  if (!(error instanceof Error) || error instanceof EKSAuthError || error.message.includes(id)) return error;
  const { code } = ('code' in error ? error : Object(error.cause)) as { code?: unknown };
  if (!/^E[A-Z_]+$/.test(String(code))) return error;
  try {
    error.message = `Cluster ${shown(id)}: ${error.message}`;
  } catch {
    // A frozen error.
  }
  return error;
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
