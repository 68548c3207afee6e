import type { Counter, Histogram, Meter, ObservableCounter, ObservableGauge } from '@opentelemetry/api';

/** The metrics. docs/metrics.md explains each of them. */
export interface Instruments {
  readonly refreshes: Counter;
  readonly refreshDuration: Histogram;
  readonly cacheLookups: Counter;
  readonly fleetLookups: Counter;
  readonly refusals: Counter;
  readonly watchFailures: Counter;
  readonly joins: ObservableCounter;
  readonly timeToExpiry: ObservableGauge;
  readonly clusters: ObservableGauge;
  readonly awsRequests: ObservableCounter;
  readonly awsThrottled: ObservableCounter;
  readonly awsInFlight: ObservableGauge;
  readonly awsWaiting: ObservableGauge;
  readonly discoveryChanges: ObservableCounter;
  readonly discoveryFailures: ObservableCounter;
  readonly discoveryAge: ObservableGauge;
  readonly fleetClaims: ObservableCounter;
  readonly fleetWaits: ObservableCounter;
  readonly fleetFailures: ObservableCounter;
  readonly fleetPaused: ObservableGauge;
}

/** In seconds. Signing takes tens of microseconds, a Python interpreter seconds, a network timeout up to a minute. */
const DURATION_BOUNDARIES = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export function makeInstruments(meter: Meter): Instruments {
  return {
    refreshes: meter.createCounter('ekspress.token.refreshes', {
      unit: '{refresh}',
      description: 'Attempts to get a new token',
    }),
    refreshDuration: meter.createHistogram('ekspress.token.refresh.duration', {
      unit: 's',
      description: 'Duration of attempts to get a new token',
      advice: { explicitBucketBoundaries: DURATION_BOUNDARIES },
    }),
    cacheLookups: meter.createCounter('ekspress.cache.lookups', {
      unit: '{lookup}',
      description: 'Lookups in the disk cache shared with kubectl',
    }),
    fleetLookups: meter.createCounter('ekspress.fleet.lookups', {
      unit: '{lookup}',
      description: 'Lookups in the store that machines of a fleet share',
    }),
    refusals: meter.createCounter('ekspress.token.refusals', {
      unit: '{refusal}',
      description: 'Requests whose token the API server refused (401)',
    }),
    watchFailures: meter.createCounter('ekspress.watch.failures', {
      unit: '{failure}',
      description: 'Failed attempts of informers to list or watch',
    }),
    joins: meter.createObservableCounter('ekspress.token.joins', {
      unit: '{call}',
      description: 'Calls that waited for a token that another call had requested',
    }),
    timeToExpiry: meter.createObservableGauge('ekspress.token.time_to_expiry', {
      unit: 's',
      description: 'Remaining lifetime of the token in memory; negative after it has expired',
    }),
    clusters: meter.createObservableGauge('ekspress.clusters', {
      unit: '{cluster}',
      description: 'Registered clusters by the state of their token',
    }),
    awsRequests: meter.createObservableCounter('ekspress.aws.requests', {
      unit: '{request}',
      description: 'Requests to services of AWS that have a quota',
    }),
    awsThrottled: meter.createObservableCounter('ekspress.aws.throttled', {
      unit: '{request}',
      description: 'Requests that AWS refused because there were too many',
    }),
    awsInFlight: meter.createObservableGauge('ekspress.aws.in_flight', {
      unit: '{request}',
      description: 'Requests to AWS without an answer',
    }),
    awsWaiting: meter.createObservableGauge('ekspress.aws.waiting', {
      unit: '{request}',
      description: 'Requests to AWS that wait for their turn',
    }),
    discoveryChanges: meter.createObservableCounter('ekspress.discovery.changes', {
      unit: '{cluster}',
      description: 'Clusters that followed sources have registered, changed and removed',
    }),
    discoveryFailures: meter.createObservableCounter('ekspress.discovery.failures', {
      unit: '{failure}',
      description: 'Failed attempts to read a part of a followed source',
    }),
    discoveryAge: meter.createObservableGauge('ekspress.discovery.age', {
      unit: 's',
      description: 'Time since every followed source was last read without a failure',
    }),
    fleetClaims: meter.createObservableCounter('ekspress.fleet.claims', {
      unit: '{claim}',
      description: 'Claims to make a token for all machines of a fleet',
    }),
    fleetWaits: meter.createObservableCounter('ekspress.fleet.waits', {
      unit: '{wait}',
      description: 'Waits for a token that another machine of a fleet makes',
    }),
    fleetFailures: meter.createObservableCounter('ekspress.fleet.failures', {
      unit: '{question}',
      description: 'Questions that the store of a fleet has not answered, or with nonsense',
    }),
    fleetPaused: meter.createObservableGauge('ekspress.fleet.paused', {
      unit: '1',
      description: 'Whether a method of the store of a fleet is left alone after failures in a row',
    }),
  };
}
