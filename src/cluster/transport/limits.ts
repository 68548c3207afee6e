import { EKSAuthError } from '../../errors.ts';

/**
 * Time limits of the connections to API servers, in milliseconds; `Infinity` for none. None of them ends a watch, log or
 * shell because it is quiet.
 */
export interface ConnectionLimits {
  /** A connection to the server, or through a proxy to it. Default: 30,000. */
  readonly dialMs?: number | undefined;
  /** The TLS handshake with the server. Default: 10,000. */
  readonly handshakeMs?: number | undefined;
  /**
   * From the sending of a request to the head of its answer. Not for watches, for logs that are followed, and for paths
   * below `/proxy/`. Default: 70,000, since the API server itself ends a request after 60 s.
   */
  readonly firstByteMs?: number | undefined;
  /** Between two parts of an answer that is not a stream. Default: 70,000. */
  readonly betweenBytesMs?: number | undefined;
  /**
   * If a read over a kept connection is silent for so long, a probe is sent over another connection. If the probe is
   * answered, the read is sent again over a new connection. Default: 15,000.
   */
  readonly silentMs?: number | undefined;
  /** A kept connection carries a write if its last answer is not older than this. Default: 5,000. */
  readonly provenMs?: number | undefined;
  /** Between two pings of an exec, attach or port-forward. Default: 30,000. */
  readonly pingMs?: number | undefined;
  /** The answer to a ping, once the server has answered one. Default: 15,000. */
  readonly pongMs?: number | undefined;
  /**
   * Watches ask the server to end them after a random time between this and its double, where the caller asks for no
   * other. Default: 240,000.
   */
  readonly watchMs?: number | undefined;
  /** How much later than after `watchMs` the end of a watch may come. Default: 30,000. */
  readonly watchGraceMs?: number | undefined;
  /** The silence of a watch in which there were bookmarks. API servers send one each minute. Default: 150,000. */
  readonly watchSilenceMs?: number | undefined;
}

/** {@link ConnectionLimits} with the defaults filled in. */
export type Limits = { readonly [Name in keyof ConnectionLimits]-?: number };

export const DEFAULT_LIMITS: Limits = {
  dialMs: 30_000,
  handshakeMs: 10_000,
  firstByteMs: 70_000,
  betweenBytesMs: 70_000,
  silentMs: 15_000,
  provenMs: 5_000,
  pingMs: 30_000,
  pongMs: 15_000,
  watchMs: 240_000,
  watchGraceMs: 30_000,
  watchSilenceMs: 150_000,
};

/** Sets limits on top of others. */
export function withLimits(base: Limits, ...given: readonly (ConnectionLimits | undefined)[]): Limits {
  const set = given.flatMap((limits) => Object.entries(limits ?? {}).filter(([, value]) => value !== undefined));
  return set.length === 0 ? base : { ...base, ...Object.fromEntries(set) };
}

/** The longest time of a timer of Node. */
const LONGEST_MS = 2 ** 31 - 1;

/** Calls a function after a time. `Infinity` never passes. @returns a function that cancels the call */
export function after(milliseconds: number, call: () => void): () => void {
  if (milliseconds > LONGEST_MS) return () => undefined;
  const timer = setTimeout(call, milliseconds);
  return () => clearTimeout(timer);
}

/** @param what the thing that was waited for, for example `a connection to https://…` */
export function timedOut(what: string, limit: keyof Limits, milliseconds: number): EKSAuthError {
  const seconds = milliseconds / 1000;
  return new EKSAuthError('TIMEOUT', `Waited ${seconds} s for ${what}.`, {
    remedy: `Check the network, VPN and proxy between here and the server; \`ekspress doctor\` does. The limit is { limits: { ${limit} } }.`,
  });
}
