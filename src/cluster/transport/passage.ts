import type { Origin } from '../../aws/http/read-url.ts';
import { EKSAuthError } from '../../errors.ts';
import { requireAgents } from '../../system/runtime.ts';
import { mayBeLinkLocal } from '../trust/link-local.ts';
import { kindOf, type RequestKind } from './request-kind.ts';
import { isSameOrigin, originText, type Route } from './route.ts';
import type { ServerError } from './server-error.ts';

/** Headers by name. Several values are sent as several lines; the API server does not split a value at commas. */
export type HeaderLines = Readonly<Record<string, readonly string[]>>;

/** The header of an EKS token. Every such token begins in this way. */
const EKS_TOKEN = /^Bearer k8s-aws-v1\./i;

/** Whether a header identifies the caller. Such a header is not for another server. */
export function isCredential(header: string): boolean {
  return /^(authorization|cookie2?|impersonate-.*)$/i.test(header);
}

/**
 * The route, identity and token with which a request began. It goes with the request through every hop, and checks each
 * hop before the head leaves.
 */
export class Passage<Identity = unknown> {
  readonly route: Route;
  /** Undefined where the request carries no EKS token. */
  readonly identity: Identity;
  /** The reason why ekspress ended the request. client-node's errors do not have it. */
  failure: Error | undefined;
  /** Ends the request while it is in progress. */
  end: ((reason: Error) => void) | undefined;
  /** Whether any part of the request may have left. */
  sent = false;
  /** When the head of the last answer must be there, by the clock of `performance`; redirects have no time of their own. */
  answerBy: number | undefined;
  /** Whether a redirect has led it to another server. Since then it goes on without its credentials, wherever it goes. */
  away = false;
  /** The pause that the server asked for (Retry-After). */
  retryAfterMs: number | undefined;
  /** What the clock of the server said in its last answer (the header Date). */
  date: string | undefined;
  /** The error with which the server has answered. */
  serverError: ServerError | undefined;
  #token: string | undefined;
  #kind: RequestKind | undefined;
  #hops = 0;

  constructor(route: Route, identity: Identity) {
    this.route = route;
    this.identity = identity;
  }

  /** The token of the request; undefined before {@link Passage.authorize}. */
  get token(): string | undefined {
    return this.#token;
  }

  /** Call before the request is sent, and before it is sent again. */
  begin(): void {
    this.#hops = 0;
    this.#kind = undefined;
    this.failure = undefined;
    this.sent = false;
    this.answerBy = undefined;
    this.away = false;
    this.retryAfterMs = undefined;
    this.date = undefined;
    this.serverError = undefined;
  }

  /**
   * Turns a token into the header of this request. No other code in ekspress does this.
   * @throws EKSAuthError SERVER_UNTRUSTED over plain http, INVALID_CONFIG where no agent could check the request
   */
  authorize(token: string): string {
    if (!this.route.origin.secure) throw this.#plainHTTP(this.route.origin);
    requireAgents();
    this.#token = token;
    return `Bearer ${token}`;
  }

  /**
   * Checks a hop before its head leaves: the first hop must lead to the server of the request, and an EKS token must be
   * the one that was made for it.
   * @returns whether the credentials are sent along: a redirect to another server loses them, for all hops that follow. That
   *   server chooses those, so it could choose what is done at the first server.
   * @throws EKSAuthError SERVER_UNTRUSTED
   */
  admit(hop: Origin, authorization: unknown): boolean {
    const here = isSameOrigin(hop, this.route.origin);
    this.#hops += 1;
    if (!here && this.#hops === 1) throw this.refusal(`it would have gone to ${originText(hop)}`);
    // Link-local addresses serve the credentials of the machine, which would come back as the answer of the API server.
    if (!here && mayBeLinkLocal(originText(hop))) throw this.refusal(`a redirect led to ${originText(hop)}`);
    if (this.route.origin.secure && !hop.secure) throw this.#plainHTTP(hop);
    const header = String(authorization ?? '');
    if (here && EKS_TOKEN.test(header) && header !== `Bearer ${this.#token}`) {
      throw this.refusal('it carried a token that was made for another request');
    }
    this.away ||= !here;
    return !this.away;
  }

  /**
   * The kind of the request, with the arguments of {@link kindOf} for its first hop. A redirect does not change it: the server
   * would choose that a list waits as long as a watch.
   */
  kindOf(...hop: Parameters<typeof kindOf>): RequestKind {
    this.#kind ??= kindOf(...hop);
    return this.#kind;
  }

  /** The error of a request that is not sent. */
  refusal(why: string, remedy: string = OWN_CLIENTS): EKSAuthError {
    const message = `A request for ${originText(this.route.origin)} was not sent: ${why}.`;
    return new EKSAuthError('SERVER_UNTRUSTED', message, { remedy });
  }

  #plainHTTP(to: Origin): EKSAuthError {
    const remedy =
      'EKS tokens are sent over https only. Recreate the cluster entry with `aws eks update-kubeconfig --name CLUSTER --region REGION`.';
    return this.refusal(`${originText(to)} is not an https:// server`, remedy);
  }
}

const OWN_CLIENTS =
  'Make the request again with a client of the registered cluster, and leave its KubeConfig as it is.';
