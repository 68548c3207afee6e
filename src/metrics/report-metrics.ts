import type { Attributes, BatchObservableResult, MeterProvider } from '@opentelemetry/api';
import type { Cluster } from '../cluster/clients/cluster.ts';
import type { ClusterRegistry } from '../cluster/registry/registry.ts';
import type { RegistryEvents } from '../cluster/registry/registry-events.ts';
import { checkArgument, checkOptions } from '../options/check-options.ts';
import { CALLABLE, type Check, FLAG, type Schema, that } from '../options/checks.ts';
import { makeInstruments } from './instruments.ts';
import { loadAPI } from './load-api.ts';
import { instrumentsOfActivity, observeActivity } from './observe-activity.ts';

/** Options of {@link reportMetrics}. */
export interface MetricsOptions {
  /** Default: the global provider of `@opentelemetry/api`. */
  readonly meterProvider?: MeterProvider | undefined;
  /**
   * Whether measurements have the attribute `ekspress.cluster.id`. Default: true. With thousands of clusters, `false`
   * reports the sums of all clusters and the shortest time to expiry instead.
   */
  readonly perCluster?: boolean | undefined;
  /** The clock for the time to expiry. Default: the system clock. */
  readonly now?: (() => Date) | undefined;
}

/** A running report. Stop it, or bind it with `using`. */
export interface MetricsReport extends Disposable {
  /** Stops reporting. Values that were already reported stay. May be called again. */
  stop(): void;
}

/** The registry that is reported on. */
export const REGISTRY: Check = that('a ClusterRegistry', (value) => typeof Object(value).list === 'function');

const METRICS_SCHEMA: Schema<MetricsOptions> = {
  meterProvider: that('a MeterProvider of OpenTelemetry', (value) => typeof Object(value).getMeter === 'function'),
  perCluster: FLAG,
  now: CALLABLE,
};

const METER = 'ekspress';

/**
 * Starts reporting the metrics of a registry. docs/metrics.md lists them with names, units and attributes.
 * @throws EKSAuthError INVALID_CONFIG where `@opentelemetry/api` is not installed
 * @example
 * ```ts
 * import { ClusterRegistry } from 'ekspress';
 * import { reportMetrics } from 'ekspress/metrics';
 *
 * await using registry = new ClusterRegistry();
 * using report = await reportMetrics(registry, { perCluster: false });
 * await registry.registerAll();
 * ```
 */
export async function reportMetrics(registry: ClusterRegistry, options: MetricsOptions = {}): Promise<MetricsReport> {
  checkArgument('reportMetrics', 'registry', registry, REGISTRY);
  checkOptions('reportMetrics', options, METRICS_SCHEMA);
  const { perCluster = true, now = () => new Date() } = options;
  const meter = (
    options.meterProvider ?? (await loadAPI('reportMetrics', 'metrics')).metrics.getMeterProvider()
  ).getMeter(METER);
  const instruments = makeInstruments(meter);
  const {
    refreshes,
    refreshDuration,
    cacheLookups,
    fleetLookups,
    refusals,
    watchFailures,
    joins,
    timeToExpiry,
    clusters,
  } = instruments;
  const of = (cluster: Cluster): Attributes => (perCluster ? { 'ekspress.cluster.id': cluster.id } : {});

  const countRefresh = (
    cluster: Cluster,
    outcome: Attributes,
    facts: { durationMs: number; lookup?: string; fleet?: string },
  ): void => {
    refreshes.add(1, { ...of(cluster), ...outcome });
    refreshDuration.record(facts.durationMs / 1000, { ...of(cluster), ...outcome });
    if (facts.lookup !== undefined) cacheLookups.add(1, { ...of(cluster), 'ekspress.result': facts.lookup });
    if (facts.fleet !== undefined) fleetLookups.add(1, { ...of(cluster), 'ekspress.result': facts.fleet });
  };
  const onRefreshed = ({ cluster, source, ...facts }: RegistryEvents['refreshed']): void =>
    countRefresh(cluster, { 'ekspress.result': 'ok', 'ekspress.token.source': source }, facts);
  const onRefreshFailed = ({ cluster, error, ...facts }: RegistryEvents['refreshFailed']): void =>
    countRefresh(cluster, { 'ekspress.result': 'failed', 'error.type': error.code }, facts);
  const onRefused = ({ cluster, healed }: RegistryEvents['refused']): void =>
    refusals.add(1, { ...of(cluster), 'ekspress.result': healed ? 'healed' : 'rejected' });
  const onWatchFailed = ({ cluster, error }: RegistryEvents['watchFailed']): void =>
    watchFailures.add(1, { ...of(cluster), 'error.type': typeOf(error) });
  // The sum includes clusters that have been removed.
  let joinsOfRemoved = 0;
  const onRemoved = ({ cluster }: RegistryEvents['removed']): void => {
    joinsOfRemoved += joinsOf(cluster);
  };
  const observe = (result: BatchObservableResult): void => {
    observeActivity(registry.activity(), instruments, now(), result);
    const all = registry.list();
    for (const [state, number] of byState(all)) result.observe(clusters, number, { 'ekspress.cluster.state': state });
    const lives = all.flatMap((cluster) => {
      const expiresAt = cluster.tokenManager?.status().expiresAt;
      return expiresAt ? [{ cluster, seconds: (expiresAt.getTime() - now().getTime()) / 1000 }] : [];
    });
    if (perCluster) {
      for (const { cluster, seconds } of lives) result.observe(timeToExpiry, seconds, of(cluster));
      for (const cluster of all) if (cluster.tokenManager) result.observe(joins, joinsOf(cluster), of(cluster));
      return;
    }
    if (lives.length > 0) result.observe(timeToExpiry, Math.min(...lives.map(({ seconds }) => seconds)));
    result.observe(
      joins,
      all.reduce((sum, cluster) => sum + joinsOf(cluster), joinsOfRemoved),
    );
  };

  registry.on('refreshed', onRefreshed).on('refreshFailed', onRefreshFailed);
  registry.on('refused', onRefused).on('watchFailed', onWatchFailed).on('removed', onRemoved);
  const observed = [joins, timeToExpiry, clusters, ...instrumentsOfActivity(instruments)];
  meter.addBatchObservableCallback(observe, observed);
  const stop = (): void => {
    registry.off('refreshed', onRefreshed).off('refreshFailed', onRefreshFailed);
    registry.off('refused', onRefused).off('watchFailed', onWatchFailed).off('removed', onRemoved);
    meter.removeBatchObservableCallback(observe, observed);
  };
  return { stop, [Symbol.dispose]: stop };
}

/** The code of an EKSAuthError, an HTTP status, or a system error code. */
function typeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' || typeof code === 'number' ? `${code}` : '_OTHER';
}

function joinsOf(cluster: Cluster): number {
  return cluster.tokenManager?.status().counts.joined ?? 0;
}

/** Includes states without clusters, so that their series fall to zero. `unmanaged`: users other than EKS users. */
function byState(all: readonly Cluster[]): Map<string, number> {
  const numbers = new Map(['empty', 'valid', 'expired', 'failed', 'unmanaged'].map((state) => [state, 0]));
  for (const { tokenManager } of all) {
    const state = tokenManager?.status().state ?? 'unmanaged';
    numbers.set(state, (numbers.get(state) ?? 0) + 1);
  }
  return numbers;
}
