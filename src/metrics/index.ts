/**
 * OpenTelemetry metrics and spans of a registry. Needs the optional peer `@opentelemetry/api`, which is loaded when
 * {@link reportMetrics} or {@link traceRefreshes} is called.
 * @module ekspress/metrics
 */
export { type MetricsOptions, type MetricsReport, reportMetrics } from './report-metrics.ts';
export { type TracingOptions, traceRefreshes } from './trace-refreshes.ts';
