import { requireURL } from '../http/read-url.ts';
import type { CredentialSource, Plan } from './plan.ts';

/** The plan as it may be logged: the address of container credentials can hold a password, and its path a secret name. */
export function loggablePlan(plan: Plan): Plan {
  return { ...plan, source: loggableSource(plan.source) };
}

function loggableSource(source: CredentialSource): CredentialSource {
  if (source.kind === 'container') return { ...source, url: originOf(source.url) };
  if (source.kind === 'assume-role') return { ...source, from: loggableSource(source.from) };
  if (source.kind !== 'ambient') return source;
  return {
    ...source,
    candidates: source.candidates.map((candidate) =>
      candidate.kind === 'container' ? { ...candidate, url: originOf(candidate.url) } : candidate,
    ),
  };
}

function originOf(url: string): string {
  return requireURL(url, 'The address of the container credentials').origin;
}
