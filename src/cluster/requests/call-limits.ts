import { AsyncLocalStorage } from 'node:async_hooks';
import { type ConnectionLimits, type Limits, withLimits } from '../transport/limits.ts';

/** The limits of the call that runs. */
const limitsOfCall = new AsyncLocalStorage<ConnectionLimits>();

/** Runs a call with limits of its own. */
export function callWithLimits<T>(limits: ConnectionLimits, call: () => T): T {
  const all = { ...limitsOfCall.getStore(), ...limits };
  return limitsOfCall.run(all, call);
}

/** The limits of a request that begins now. @param base those of its cluster */
export function limitsNow(base: Limits): Limits {
  return withLimits(base, limitsOfCall.getStore());
}
