/**
 * What a registry does, as OpenTelemetry metrics. Needs the optional peer `@opentelemetry/api`, which is loaded when
 * {@link reportMetrics} is called and not before.
 * @module
 */
export { type MetricsOptions, type MetricsReport, reportMetrics } from './report-metrics.ts';
