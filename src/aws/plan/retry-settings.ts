import type { RetrySettings } from '../http/retry-rules.ts';
import type { Settings } from './settings.ts';

const STANDARD_ATTEMPTS = 3;
const LEGACY_ATTEMPTS = 5;

/** How often this CLI sends a request. v1 has a mode of its own by default, v2 knows only the newer ones. */
export function readRetrySettings(settings: Settings): RetrySettings {
  const named =
    settings.variable(['AWS_RETRY_MODE'], 'retry_mode') ?? (settings.version === 'v1' ? 'legacy' : 'standard');
  const mode = named === 'legacy' ? 'legacy' : 'standard';
  const set = settings.variable(['AWS_MAX_ATTEMPTS'], 'max_attempts');
  const attempts = Number(set ?? (mode === 'legacy' ? LEGACY_ATTEMPTS : STANDARD_ATTEMPTS));
  return { mode, attempts, attemptsWithoutAnswer: attempts };
}

/**
 * The settings where it is not known which of two CLIs is installed. An answer that asks for another attempt gets the
 * attempts of the more patient CLI. Without an answer the attempts of the other CLI count, so that a user without a
 * network waits less.
 */
export function morePatient(one: RetrySettings, other: RetrySettings): RetrySettings {
  const patient = one.attempts > other.attempts ? one : other;
  return { ...patient, attemptsWithoutAnswer: Math.min(one.attemptsWithoutAnswer, other.attemptsWithoutAnswer) };
}
