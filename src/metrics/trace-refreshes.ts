import type { Attributes, Span, TracerProvider } from '@opentelemetry/api';
import type { ClusterRegistry } from '../cluster/registry/registry.ts';
import type { RegistryEvents } from '../cluster/registry/registry-events.ts';
import { checkArgument, checkOptions } from '../options/check-options.ts';
import { type Schema, that } from '../options/checks.ts';
import { loadAPI } from './load-api.ts';
import { type MetricsReport, REGISTRY } from './report-metrics.ts';

/** Options of {@link traceRefreshes}. */
export interface TracingOptions {
  /** Default: the global provider of `@opentelemetry/api`. */
  readonly tracerProvider?: TracerProvider | undefined;
}

const TRACING_SCHEMA: Schema<TracingOptions> = {
  tracerProvider: that('a TracerProvider of OpenTelemetry', (value) => typeof Object(value).getTracer === 'function'),
};

const TRACER = 'ekspress';
const SPAN = 'ekspress.token.refresh';

/**
 * Records a span for each attempt to get a new token. A span of a request that waits for the token is its parent; refreshes
 * ahead of time have none. docs/metrics.md lists the attributes.
 * @throws EKSAuthError INVALID_CONFIG where `@opentelemetry/api` is not installed
 * @example
 * ```ts
 * import { ClusterRegistry } from 'ekspress';
 * import { traceRefreshes } from 'ekspress/metrics';
 *
 * await using registry = new ClusterRegistry();
 * using tracing = await traceRefreshes(registry);
 * await registry.registerAll();
 * ```
 */
export async function traceRefreshes(registry: ClusterRegistry, options: TracingOptions = {}): Promise<MetricsReport> {
  checkArgument('traceRefreshes', 'registry', registry, REGISTRY);
  checkOptions('traceRefreshes', options, TRACING_SCHEMA);
  const { trace, SpanStatusCode } = await loadAPI('traceRefreshes', 'traces');
  const tracer = (options.tracerProvider ?? trace.getTracerProvider()).getTracer(TRACER);
  const record = (durationMs: number, attributes: Attributes, finish: (span: Span) => void): void => {
    const end = Date.now();
    const span = tracer.startSpan(SPAN, { startTime: end - durationMs, attributes });
    finish(span);
    span.end(end);
  };
  const onRefreshed = ({ cluster, source, durationMs, lookup, fleet }: RegistryEvents['refreshed']): void => {
    const asked = {
      ...(lookup && { 'ekspress.cache.result': lookup }),
      ...(fleet && { 'ekspress.fleet.result': fleet }),
    };
    record(
      durationMs,
      { 'ekspress.cluster.id': cluster.id, 'ekspress.token.source': source, ...asked },
      () => undefined,
    );
  };
  const onRefreshFailed = ({ cluster, error, durationMs }: RegistryEvents['refreshFailed']): void => {
    record(durationMs, { 'ekspress.cluster.id': cluster.id, 'error.type': error.code }, (span) => {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.code });
    });
  };
  registry.on('refreshed', onRefreshed).on('refreshFailed', onRefreshFailed);
  const stop = (): void => {
    registry.off('refreshed', onRefreshed).off('refreshFailed', onRefreshFailed);
  };
  return { stop, [Symbol.dispose]: stop };
}
