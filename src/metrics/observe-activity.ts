import type { BatchObservableResult, ObservableCounter, ObservableGauge } from '@opentelemetry/api';
import type { RegistryActivity } from '../cluster/registry/registry-events.ts';
import type { FleetActivity } from '../store/fleet-activity.ts';
import type { Instruments } from './instruments.ts';

/** The instruments that {@link observeActivity} reports. */
export function instrumentsOfActivity(of: Instruments): (ObservableCounter | ObservableGauge)[] {
  const { awsRequests, awsThrottled, awsInFlight, awsWaiting, discoveryChanges, discoveryFailures, discoveryAge } = of;
  const { fleetClaims, fleetWaits, fleetFailures, fleetPaused } = of;
  return [
    ...[awsRequests, awsThrottled, awsInFlight, awsWaiting, discoveryChanges, discoveryFailures, discoveryAge],
    ...[fleetClaims, fleetWaits, fleetFailures, fleetPaused],
  ];
}

/** Reports requests to AWS, followed sources, and the fleet. */
export function observeActivity(
  { aws, discovery, fleet }: RegistryActivity,
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
  if (fleet) observeFleet(fleet, instruments, result);
}

function observeFleet(
  { claims, waits, failures, paused }: FleetActivity,
  instruments: Instruments,
  result: BatchObservableResult,
): void {
  for (const [outcome, count] of Object.entries(claims)) {
    result.observe(instruments.fleetClaims, count, { 'ekspress.result': outcome });
  }
  for (const [outcome, count] of Object.entries({ taken: waits.taken, gave_up: waits.gaveUp })) {
    result.observe(instruments.fleetWaits, count, { 'ekspress.result': outcome });
  }
  for (const [method, count] of Object.entries(failures)) {
    const of = { 'ekspress.fleet.method': method };
    result.observe(instruments.fleetFailures, count, of);
    result.observe(instruments.fleetPaused, paused.some((one) => one === method) ? 1 : 0, of);
  }
}
