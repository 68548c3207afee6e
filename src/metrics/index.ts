/**
 * OpenTelemetry metrics of a registry. Needs the optional peer `@opentelemetry/api`, which is loaded when
 * {@link reportMetrics} is called.
 * @module
 */
export { type MetricsOptions, type MetricsReport, reportMetrics } from './report-metrics.ts';
