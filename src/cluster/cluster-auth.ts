import { AsyncLocalStorage } from 'node:async_hooks';
import type { EKSAuthConfig } from '../aws/eks-auth-config.ts';
import type { Token } from '../aws/token.ts';
import type { TokenManager } from '../aws/token-manager.ts';
import type { TokenRequestOptions } from '../aws/token-provider.ts';
import { EKSAuthError } from '../errors.ts';
import { shown } from '../kubeconfig/nearest-names.ts';

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
  /** Marks the user of this cluster; compared by identity, so that two clusters of the same name are not mixed up. */
  readonly mark: AuthProviderMark;
  readonly #config: EKSAuthConfig;
  readonly #tokens: TokenManager;
  readonly #traces = new AsyncLocalStorage<TokenTrace>();
  readonly #onRefused: ((healed: boolean) => void) | undefined;
  #closed = false;

  /** @param onRefused told of each request that met a refusal, and whether it then went through */
  constructor(id: string, config: EKSAuthConfig, tokens: TokenManager, onRefused?: (healed: boolean) => void) {
    // client-node takes config.exec, config.tokenFile and the names azure, gcp, oidc and exec for its own.
    this.mark = { name: 'ekspress', config: { cluster: id } };
    this.#config = config;
    this.#tokens = tokens;
    this.#onRefused = onRefused;
  }

  /** From now on no request is authenticated any more. */
  close(): void {
    this.#closed = true;
  }

  /** client-node asks which authenticator a user belongs to. */
  isAuthProvider(user: { readonly authProvider?: unknown }): boolean {
    return user.authProvider === this.mark;
  }

  /** client-node asks for the header of each request and each (re)connect. */
  async applyAuthentication(_user: unknown, request: { headers?: unknown }): Promise<void> {
    const { token } = await this.getToken();
    const trace = this.#traces.getStore();
    if (trace) trace.token = token;
    request.headers = { ...(request.headers as object | undefined), Authorization: `Bearer ${token}` };
  }

  async getToken(options: TokenRequestOptions = {}): Promise<Token> {
    if (this.#closed) throw closed(this.mark.config.cluster);
    return this.#tokens.getValidToken(options);
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
   * @throws EKSAuthError TOKEN_REJECTED, or why there is no other token
   */
  async heal(refused: string, resend: (token: string) => Promise<boolean>, signal?: AbortSignal): Promise<void> {
    let healed = false;
    try {
      await this.#tokens.invalidate(refused);
      const { token } = await this.getToken(signal ? { signal } : {});
      // Signed again within the same second by the same keys it is the same token.
      healed = token !== refused && (await resend(token));
      if (!healed) throw this.#rejected(token);
    } finally {
      this.#onRefused?.(healed);
    }
  }

  /** That the server refuses this identity, not just one token. */
  #rejected(token: string): EKSAuthError {
    const { clusterName, clusterId, region, profile, roleArn, exec } = this.#config;
    const name = clusterName ?? clusterId ?? this.mark.config.cluster;
    const regionFlag = region === undefined ? '' : ` --region ${region}`;
    const profileInForce = profile ?? exec.env.get('AWS_PROFILE');
    const profileFlag = profileInForce ? ` --profile ${profileInForce}` : '';
    const who = [
      roleArn && `the role ${shown(roleArn)}`,
      profileInForce && `the profile ${shown(profileInForce)}`,
      `the access key ${accessKeyOf(token)}`,
    ].filter((part) => part);
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

/** The id of the key that signed a token, which is no secret; `?` for a token of another make. */
function accessKeyOf(token: string): string {
  const url = Buffer.from(token.replace(/^k8s-aws-v1\./, ''), 'base64url').toString('latin1');
  return /[?&]X-Amz-Credential=(\w+)(?:%2F|\/)/i.exec(url)?.[1] ?? '?';
}

function closed(id: string): EKSAuthError {
  return new EKSAuthError('INVALID_CONFIG', `Cluster ${shown(id)} has been unregistered; it hands out no tokens.`, {
    remedy: 'Register it again, and get the client from the new cluster.',
  });
}
