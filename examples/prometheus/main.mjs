// @ts-check
// A service that lists the pods of its clusters every 30 seconds, with metrics on http://127.0.0.1:PORT/metrics. It also
// follows the clusters of the AWS account in REGIONS, if that is set: REGIONS=us-east-1,eu-west-1
import { setInterval } from 'node:timers/promises';
import { CoreV1Api } from '@kubernetes/client-node';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { ClusterRegistry, eksClusters } from 'ekspress';
import { reportMetrics } from 'ekspress/metrics';

const port = Number(process.env.PORT ?? 9464);
const exporter = new PrometheusExporter({ port, host: '127.0.0.1' });
const meterProvider = new MeterProvider({ readers: [exporter] });
const registry = new ClusterRegistry();
const report = await reportMetrics(registry, { meterProvider });

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopping.abort());

const { registered } = await registry.registerAll();
const regions = process.env.REGIONS?.split(',') ?? [];
registry.on('sourceFailed', ({ part, error }) => console.error(`${part}: ${error.message}`));
if (regions.length > 0) await registry.follow(eksClusters({ regions })).ready;
const listAll = () =>
  Promise.allSettled(registered.map((cluster) => cluster.makeApiClient(CoreV1Api).listPodForAllNamespaces()));
await listAll();
console.log(`http://127.0.0.1:${port}/metrics`);
try {
  for await (const _ of setInterval(30_000, undefined, { signal: stopping.signal })) await listAll();
} catch (error) {
  if (!stopping.signal.aborted) throw error;
}

report.stop();
await registry.close();
await meterProvider.shutdown();
