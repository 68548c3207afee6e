import { networkKey } from '../http/network-key.ts';
import type { Credentials } from './credentials.ts';
import type { PlannedMint } from './mint-context.ts';
import type { Fetched } from './shared-credentials.ts';

/**
 * Shares temporary credentials between the mints of this process while they live long enough. The key is the request as
 * it goes out: its parts, and the proxies and certificates that decide which server answers.
 * @param parts everything that decides which credentials these are
 */
export async function shareCredentials(
  { memory, recorder, plan, now, urgency }: PlannedMint,
  parts: readonly unknown[],
  fetch: () => Promise<Fetched>,
): Promise<Credentials> {
  const key = [...parts, await networkKey(recorder, plan.http.caBundle)];
  const { credentials, written } = await memory.credentials.get(key, now, fetch, urgency);
  recorder.adopt(written);
  return credentials;
}

/** Shares only a request under way, for credentials that may differ at the next request. */
export async function shareRequest(
  { memory, recorder, plan, signal }: PlannedMint,
  parts: readonly unknown[],
  fetch: () => Promise<Credentials | undefined>,
): Promise<Credentials | undefined> {
  return memory.flights.do([...parts, await networkKey(recorder, plan.http.caBundle)], signal, fetch);
}
