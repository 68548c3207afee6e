import type { Attributes, BatchObservableResult, MeterProvider } from '@opentelemetry/api';
import type { Cluster } from '../cluster/cluster.ts';
import type { ClusterRegistry } from '../cluster/registry.ts';
import type { RegistryEvents } from '../cluster/registry-events.ts';
import { EKSAuthError } from '../errors.ts';
import { makeInstruments } from './instruments.ts';

/** How the metrics of a registry are reported. */
export interface MetricsOptions {
  /** Default: the global one of `@opentelemetry/api`. */
  readonly meterProvider?: MeterProvider;
  /**
   * Whether each measurement says which cluster it is of, in `ekspress.cluster.id`. Default: true. With thousands of
   * clusters say false: sums remain, and the smallest time to expiry.
   */
  readonly perCluster?: boolean;
  /** The clock that times to expiry are counted from. Default: the system's. */
  readonly now?: () => Date;
}

/** Metrics that are being reported. Stop it, or bind it with `using`. */
export interface MetricsReport extends Disposable {
  /** Ends the reporting; what was counted stays where it is. May be called again. */
  stop(): void;
}

const METER = 'ekspress';

/**
 * Reports what a registry does from here on. docs/metrics.md lists the metrics with names, units and attributes.
 * @throws EKSAuthError INVALID_CONFIG where `@opentelemetry/api` is not installed
 */
export async function reportMetrics(registry: ClusterRegistry, options: MetricsOptions = {}): Promise<MetricsReport> {
  const { perCluster = true, now = () => new Date() } = options;
  const meter = (options.meterProvider ?? (await globalMeterProvider())).getMeter(METER);
  const instruments = makeInstruments(meter);
  const { refreshes, refreshDuration, cacheLookups, refusals, watchFailures, joins, timeToExpiry, clusters } =
    instruments;
  const of = (cluster: Cluster): Attributes => (perCluster ? { 'ekspress.cluster.id': cluster.id } : {});

  const countRefresh = (
    cluster: Cluster,
    outcome: Attributes,
    facts: { durationMs: number; lookup?: string },
  ): void => {
    refreshes.add(1, { ...of(cluster), ...outcome });
    refreshDuration.record(facts.durationMs / 1000, { ...of(cluster), ...outcome });
    if (facts.lookup !== undefined) cacheLookups.add(1, { ...of(cluster), 'ekspress.result': facts.lookup });
  };
  const onRefreshed = ({ cluster, source, ...facts }: RegistryEvents['refreshed']): void =>
    countRefresh(cluster, { 'ekspress.result': 'ok', 'ekspress.token.source': source }, facts);
  const onRefreshFailed = ({ cluster, error, ...facts }: RegistryEvents['refreshFailed']): void =>
    countRefresh(cluster, { 'ekspress.result': 'failed', 'error.type': error.code }, facts);
  const onRefused = ({ cluster, healed }: RegistryEvents['refused']): void =>
    refusals.add(1, { ...of(cluster), 'ekspress.result': healed ? 'healed' : 'rejected' });
  const onWatchFailed = ({ cluster, error }: RegistryEvents['watchFailed']): void =>
    watchFailures.add(1, { ...of(cluster), 'error.type': typeOf(error) });
  // What clusters that are gone have counted still belongs to the sum.
  let joinsOfRemoved = 0;
  const onRemoved = ({ cluster }: RegistryEvents['removed']): void => {
    joinsOfRemoved += joinsOf(cluster);
  };
  const observe = (result: BatchObservableResult): void => {
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
  meter.addBatchObservableCallback(observe, [joins, timeToExpiry, clusters]);
  const stop = (): void => {
    registry.off('refreshed', onRefreshed).off('refreshFailed', onRefreshFailed);
    registry.off('refused', onRefused).off('watchFailed', onWatchFailed).off('removed', onRemoved);
    meter.removeBatchObservableCallback(observe, [joins, timeToExpiry, clusters]);
  };
  return { stop, [Symbol.dispose]: stop };
}

/** A code of ours, the status of an answer, or the system's word for what went wrong with the connection. */
function typeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' || typeof code === 'number' ? `${code}` : '_OTHER';
}

function joinsOf(cluster: Cluster): number {
  return cluster.tokenManager?.status().counts.joined ?? 0;
}

/** Every state once, so that a series falls to zero and does not end. `unmanaged`: users who are not of EKS. */
function byState(all: readonly Cluster[]): Map<string, number> {
  const numbers = new Map(['empty', 'valid', 'expired', 'failed', 'unmanaged'].map((state) => [state, 0]));
  for (const { tokenManager } of all) {
    const state = tokenManager?.status().state ?? 'unmanaged';
    numbers.set(state, (numbers.get(state) ?? 0) + 1);
  }
  return numbers;
}

async function globalMeterProvider(): Promise<MeterProvider> {
  try {
    const { metrics } = await import('@opentelemetry/api');
    return metrics.getMeterProvider();
  } catch (cause) {
    throw new EKSAuthError('INVALID_CONFIG', '@opentelemetry/api is not installed; metrics are reported through it.', {
      remedy: 'Run `npm install @opentelemetry/api`, and set up an OpenTelemetry SDK that exports them.',
      cause,
    });
  }
}
