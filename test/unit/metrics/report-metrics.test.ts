import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api } from '@kubernetes/client-node';
import { startLocalEKS } from 'ekspress/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ClusterRegistry } from '../../../src/cluster/registry/registry.ts';
import { makeInstruments } from '../../../src/metrics/instruments.ts';
import { type MetricsOptions, reportMetrics } from '../../../src/metrics/report-metrics.ts';
import { exported, scrape } from '../../support/scraped-metrics.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ekspress-metrics-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

async function world(options: MetricsOptions) {
  const eks = await startLocalEKS();
  await eks.writeAWSFiles(home);
  const registry = new ClusterRegistry({ env: { HOME: home, PATH: '' }, cache: { directory: join(home, 'cache') } });
  const trust = { trustedServers: 'kubeconfig' } as const;
  const report = await reportMetrics(registry, options);
  return {
    eks,
    registry,
    report,
    register: (id: string, profile: string) => registry.registerByString(eks.kubeconfig({ profile }), { id, ...trust }),
    async [Symbol.asyncDispose]() {
      report.stop();
      await registry.close();
      await eks.close();
      await rm(join(home, 'cache'), { recursive: true, force: true });
    },
  };
}

describe('a registry that Prometheus scrapes', () => {
  it('counts mints, cache hits, joins, failures, healed and refused tokens by cluster', async () => {
    await using at = await exported();
    await using here = await world({ meterProvider: at.meterProvider });
    const { eks, registry } = here;
    const first = await here.register('first', 'admin');
    await Promise.all(Array.from({ length: 20 }, () => first.getToken()));
    const second = await here.register('second', 'admin');
    await second.getToken();
    const broken = await here.register('broken', 'nobody');
    await expect(broken.getToken()).rejects.toMatchObject({ code: 'PROFILE_NOT_FOUND' });
    const informer = broken.makeInformer('/api/v1/pods', () =>
      broken.makeApiClient(CoreV1Api).listPodForAllNamespaces(),
    );
    const watchFailed = new Promise((resolve) => registry.on('watchFailed', resolve));
    await informer.start().catch(() => undefined);
    await watchFailed;
    await informer.stop();
    await registry.registerByString(eks.kubeconfig().replace(/ {4}exec:[\s\S]*$/, '    token: t\n'), { id: 'other' });
    const { admin } = eks.identities;
    eks.revoke(admin.accessKeyId);
    const rotated = {
      ...admin,
      accessKeyId: 'AKIAROTATED000000000',
      secretAccessKey: 'rotated/EXAMPLEKEY/rotated/rotated/rot00',
    };
    eks.addIdentity(rotated);
    const keys = `aws_access_key_id=${rotated.accessKeyId}\naws_secret_access_key=${rotated.secretAccessKey}\n`;
    await writeFile(join(home, '.aws', 'credentials'), `[admin]\n${keys}`);
    await first.makeApiClient(CoreV1Api).listNamespace();
    eks.revoke(rotated.accessKeyId);
    await expect(first.makeApiClient(CoreV1Api).listNamespace()).rejects.toMatchObject({ code: 'TOKEN_REJECTED' });

    const seen = await scrape(at.exporter);
    expect(seen).toMatchObject({
      'ekspress_token_refreshes_total{ekspress_cluster_id="second",ekspress_result="ok",ekspress_token_source="cache"}': 1,
      'ekspress_cache_lookups_total{ekspress_cluster_id="second",ekspress_result="hit"}': 1,
      'ekspress_token_joins_total{ekspress_cluster_id="first"}': 19,
      'ekspress_token_refusals_total{ekspress_cluster_id="first",ekspress_result="healed"}': 1,
      'ekspress_token_refusals_total{ekspress_cluster_id="first",ekspress_result="rejected"}': 1,
      'ekspress_clusters{ekspress_cluster_state="failed"}': 1,
      'ekspress_clusters{ekspress_cluster_state="empty"}': 0,
      'ekspress_clusters{ekspress_cluster_state="unmanaged"}': 1,
    });
    const failed = 'ekspress_cluster_id="broken",ekspress_result="failed",error_type="PROFILE_NOT_FOUND"';
    expect(seen[`ekspress_token_refreshes_total{${failed}}`]).toBeGreaterThanOrEqual(1);
    const minted = 'ekspress_cluster_id="first",ekspress_result="ok",ekspress_token_source="mint"';
    expect(seen[`ekspress_token_refreshes_total{${minted}}`]).toBeGreaterThanOrEqual(2);
    expect(seen[`ekspress_token_refresh_duration_count{${minted}}`]).toBeGreaterThanOrEqual(2);
    expect(seen['ekspress_token_time_to_expiry{ekspress_cluster_id="second"}']).toBeGreaterThan(600);
    expect(seen['ekspress_token_time_to_expiry{ekspress_cluster_id="second"}']).toBeLessThanOrEqual(840);
    expect(Object.keys(seen)).toContainEqual(
      expect.stringMatching(/^ekspress_watch_failures_total\{ekspress_cluster_id="broken",error_type="\w+"\}$/),
    );
    expect(Object.keys(seen).join()).not.toContain('k8s-aws-v1');
  });

  it('sums up over all clusters when asked to, removed ones included, and stops when told to', async () => {
    await using at = await exported();
    await using here = await world({ meterProvider: at.meterProvider, perCluster: false });
    for (const id of ['one', 'two']) {
      const cluster = await here.register(id, 'reader');
      await Promise.all([cluster.getToken(), cluster.getToken(), cluster.getToken()]);
    }
    await here.registry.unregister('one');
    const seen = await scrape(at.exporter);
    expect(seen).toMatchObject({
      'ekspress_token_refreshes_total{ekspress_result="ok",ekspress_token_source="mint"}': 1,
      'ekspress_token_refreshes_total{ekspress_result="ok",ekspress_token_source="cache"}': 1,
      'ekspress_token_joins_total{}': 4,
      'ekspress_clusters{ekspress_cluster_state="valid"}': 1,
    });
    here.report.stop();
    await (await here.register('three', 'reader')).getToken();
    const after = await scrape(at.exporter);
    const taken = 'ekspress_token_refreshes_total{ekspress_result="ok",ekspress_token_source="cache"}';
    expect(after[taken]).toBe(seen[taken]);
    expect(after['ekspress_clusters{ekspress_cluster_state="valid"}']).not.toBe(2);
  });

  it('is told what to install where the OpenTelemetry API is absent', async () => {
    vi.doMock('@opentelemetry/api', () => {
      throw new Error('not installed');
    });
    await using registry = new ClusterRegistry({ env: {} });
    await expect(reportMetrics(registry)).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: '@opentelemetry/api is not installed. reportMetrics needs it.',
      remedy: 'Run `npm install @opentelemetry/api`, and set up an OpenTelemetry SDK that exports metrics.',
    });
    vi.doUnmock('@opentelemetry/api');
  });
});

it('docs/metrics.md lists every instrument with its unit, and no other', async () => {
  const made: string[] = [];
  const note =
    (kind: string) =>
    (name: string, { unit }: { unit: string }) =>
      made.push(`${name} ${kind} ${unit}`);
  makeInstruments({
    createCounter: note('counter'),
    createHistogram: note('histogram'),
    createObservableCounter: note('counter'),
    createObservableGauge: note('gauge'),
  } as never);
  const page = await readFile(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(ekspress\.[\w.]+)` \| (\w+) \| `([^`]+)` \|/gm)];
  expect(rows.map(([, ...cells]) => cells.join(' ')).sort()).toEqual(made.sort());
});
