import { createServer, get } from 'node:http';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

/** What Prometheus sees: each sample by its name and labels, in the order of the alphabet. */
export async function scrape(exporter: PrometheusExporter): Promise<Record<string, number>> {
  const text = await new Promise<string>((resolve, reject) => {
    const server = (exporter as unknown as { _server: { address(): { port: number } } })._server;
    get({ port: server.address().port, path: '/metrics' }, (response) => {
      response.setEncoding('utf8');
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve(body));
    }).on('error', reject);
  });
  const samples = text.split('\n').filter((line) => line.startsWith('ekspress_') && !line.includes('_bucket{'));
  const parsed = samples.map((line): [string, number] => {
    const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{([^}]*)\})? (\S+)/.exec(line) ?? [];
    const kept = labels.split(',').filter((label) => label !== '' && !label.startsWith('otel_scope'));
    return [`${name}{${kept.join(',')}}`, Number(value)];
  });
  return Object.fromEntries(parsed);
}

/** The exporter takes port 0 for none given. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

/** A provider of metrics with an exporter that can be scraped. */
export async function exported(): Promise<
  { exporter: PrometheusExporter; meterProvider: MeterProvider } & AsyncDisposable
> {
  const exporter = new PrometheusExporter({ port: await freePort(), host: '127.0.0.1', preventServerStart: true });
  await exporter.startServer();
  const meterProvider = new MeterProvider({ readers: [exporter] });
  return { exporter, meterProvider, [Symbol.asyncDispose]: () => meterProvider.shutdown() };
}
