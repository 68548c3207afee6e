import { type Check, fields, type Schema, that } from '../../options/checks.ts';
import type { ConnectionLimits } from './limits.ts';

const LIMIT: Check = that(
  'a number of milliseconds above 0, or Infinity for no limit',
  (value) => typeof value === 'number' && value > 0,
);

/** The checks of {@link ConnectionLimits}. */
export const LIMITS_SCHEMA: Schema<ConnectionLimits> = {
  dialMs: LIMIT,
  handshakeMs: LIMIT,
  firstByteMs: LIMIT,
  betweenBytesMs: LIMIT,
  silentMs: LIMIT,
  provenMs: LIMIT,
  pingMs: LIMIT,
  pongMs: LIMIT,
  watchMs: LIMIT,
  watchGraceMs: LIMIT,
  watchSilenceMs: LIMIT,
};

/** The option `limits`. */
export const LIMITS: Check = fields(LIMITS_SCHEMA);
