import type { BatchObservableResult } from '@opentelemetry/api';
import type { RegistryActivity } from '../cluster/registry/registry-events.ts';
import type { Instruments } from './instruments.ts';

/** The instruments that {@link observeActivity} reports. */
export function instrumentsOfActivity(
  of: Instruments,
): Instruments[keyof Instruments & `${'aws' | 'discovery'}${string}`][] {
  const { awsRequests, awsThrottled, awsInFlight, awsWaiting, discoveryChanges, discoveryFailures, discoveryAge } = of;
  return [awsRequests, awsThrottled, awsInFlight, awsWaiting, discoveryChanges, discoveryFailures, discoveryAge];
}

/** Reports requests to AWS and followed sources. */
export function observeActivity(
  { aws, discovery }: RegistryActivity,
  instruments: Instruments,
  now: Date,
  result: BatchObservableResult,
): void {
  for (const [service, { sent, throttled, inFlight, waiting }] of Object.entries(aws)) {
    const of = { 'ekspress.aws.service': service };
    result.observe(instruments.awsRequests, sent, of);
    result.observe(instruments.awsThrottled, throttled, of);
    result.observe(instruments.awsInFlight, inFlight, of);
    result.observe(instruments.awsWaiting, waiting, of);
  }
  const { registered, changed, removed, failures, completeAt } = discovery;
  for (const [change, count] of Object.entries({ registered, changed, removed })) {
    result.observe(instruments.discoveryChanges, count, { 'ekspress.discovery.change': change });
  }
  for (const [code, count] of Object.entries(failures)) {
    result.observe(instruments.discoveryFailures, count, { 'error.type': code });
  }
  if (completeAt) result.observe(instruments.discoveryAge, (now.getTime() - completeAt.getTime()) / 1000);
}
