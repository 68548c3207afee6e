import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startLocalAWS, startLocalEKS } from 'ekspress/testing';
import { describe, expect, it, vi } from 'vitest';
import { FakeHome } from '../support/fake-aws-home.ts';
import { optionalProgram } from '../support/optional-programs.ts';
import { freePort } from '../support/scraped-metrics.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = fileURLToPath(new URL('../../examples/prometheus', import.meta.url));
const promtool = optionalProgram('promtool');
const prometheus = optionalProgram('prometheus');

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}
const dashboard = JSON.parse(readFileSync(join(folder, 'dashboard.json'), 'utf8')) as Dashboard;
const queries = dashboard.panels.flatMap(({ title, targets }) =>
  targets.map(({ expr }): [string, string] => [
    title,
    expr.replaceAll('$job', '.*').replaceAll('$__rate_interval', '30s').replaceAll('[1h]', '[30s]'),
  ]),
);

/** What each alert is for: series that must raise it, and series of the same kind that must not. */
const alerts: readonly { name: string; raises: string; values: string; quiet: string; labels: object }[] = [
  {
    name: 'EkspressClusterWithoutToken',
    raises: 'ekspress_clusters{job="a",instance="b",ekspress_cluster_state="failed"}',
    values: '0 0 1x60',
    quiet: 'ekspress_clusters{job="a",instance="b",ekspress_cluster_state="expired"}',
    labels: { severity: 'critical', job: 'a', instance: 'b' },
  },
  {
    name: 'EkspressRefreshesFail',
    raises: 'ekspress_token_refreshes_total{job="a",ekspress_result="failed",error_type="SESSION_EXPIRED"}',
    values: '1+1x60',
    quiet: 'ekspress_token_refreshes_total{job="a",ekspress_result="ok"}',
    labels: { severity: 'warning', job: 'a', error_type: 'SESSION_EXPIRED' },
  },
  {
    name: 'EkspressTokensRefused',
    raises: 'ekspress_token_refusals_total{job="a",ekspress_result="rejected"}',
    values: '1+1x60',
    quiet: 'ekspress_token_refusals_total{job="a",ekspress_result="healed"}',
    labels: { severity: 'critical', job: 'a' },
  },
  {
    name: 'EkspressRequestsWait',
    raises: 'ekspress_aws_waiting{job="a",ekspress_aws_service="sso"}',
    values: '5+0x60',
    quiet: 'ekspress_aws_waiting{job="a",ekspress_aws_service="sts"} 0 5 0 5 0 5 0 5 0',
    labels: { severity: 'warning', job: 'a', ekspress_aws_service: 'sso' },
  },
  {
    name: 'EkspressDiscoveryOld',
    raises: 'ekspress_discovery_age{job="a",instance="b"}',
    values: '0+60x60',
    quiet: 'ekspress_discovery_age{job="a",instance="c"} 300+0x60',
    labels: { severity: 'warning', job: 'a', instance: 'b' },
  },
  {
    name: 'EkspressFleetStoreLeftAlone',
    raises: 'ekspress_fleet_paused{job="a",instance="b",ekspress_fleet_method="get"}',
    values: '0 1x60',
    quiet: 'ekspress_fleet_paused{job="a",instance="b",ekspress_fleet_method="set"} 0 1 0 1 0 1 0 1 0',
    labels: { severity: 'warning', job: 'a', instance: 'b', ekspress_fleet_method: 'get' },
  },
];
const series = (text: string, values: string) => ({ series: text, values });

/** Of all alerts, this one alone fires. */
function firing(alertname: string, labels: object) {
  const all = Object.entries({ ...labels, alertname, alertstate: 'firing' });
  const of = all.map(([name, value]) => `${name}="${value}"`).join(',');
  return {
    expr: 'ALERTS{alertstate="firing"}',
    eval_time: '50m',
    exp_samples: [{ labels: `ALERTS{${of}}`, value: 1 }],
  };
}

/** `promtool test rules`, whose files are YAML, which JSON is. */
function testRules(tests: readonly object[]) {
  const file = join(temporaryFolder('rules'), 'test.json');
  writeFileSync(file, JSON.stringify({ rule_files: [join(folder, 'alerts.yml')], evaluation_interval: '1m', tests }));
  return spawnSync(promtool ?? '', ['test', 'rules', file], { encoding: 'utf8' });
}

describe.skipIf(promtool === undefined)('the alerts for Prometheus', () => {
  it('are valid rules, in a valid configuration', () => {
    for (const words of [
      ['rules', 'alerts.yml'],
      ['config', 'prometheus.yml'],
    ]) {
      const { status, stdout, stderr } = spawnSync(promtool ?? '', ['check', ...words], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect(status, stdout + stderr).toBe(0);
    }
  });

  it('are raised by what they are for, and by nothing beside it', () => {
    const tests = alerts.map(({ name, raises, values, quiet, labels }) => {
      const [of = '', ...others] = quiet.split(/(?<=\}) /);
      return {
        interval: '1m',
        input_series: [series(raises, values), series(of, others.join(' ') || '1+1x60')],
        promql_expr_test: [firing(name, labels)],
      };
    });
    const throttled = (service: string, values: string) => [
      series(`ekspress_aws_requests_total{job="a",ekspress_aws_service="${service}"}`, '0+100x60'),
      series(`ekspress_aws_throttled_total{job="a",ekspress_aws_service="${service}"}`, values),
    ];
    const labels = { severity: 'warning', job: 'a', ekspress_aws_service: 'sts' };
    const ofThrottled = {
      interval: '1m',
      input_series: [...throttled('sts', '0+10x60'), ...throttled('eks', '0+1x60'), ...throttled('sso', '0x60')],
      promql_expr_test: [firing('EkspressThrottled', labels)],
    };
    const { status, stdout, stderr } = testRules([...tests, ofThrottled]);
    expect(status, stdout + stderr).toBe(0);
    const named = [...readFileSync(join(folder, 'alerts.yml'), 'utf8').matchAll(/alert: (\w+)/g)].map(
      ([, name]) => name,
    );
    expect([...alerts.map(({ name }) => name), 'EkspressThrottled'].sort()).toEqual(named.sort());
  });
});

describe.skipIf(prometheus === undefined)('a Prometheus that scrapes the example', () => {
  it('answers each query of the dashboard and has no firing alert', async () => {
    await using aws = await startLocalAWS();
    await using eks = await startLocalEKS({ aws, clusterName: 'dev' });
    const server = 'https://FOUND.gr7.us-east-1.eks.amazonaws.com';
    aws.addCluster({ name: 'found', region: 'us-east-1', server, certificateAuthorityData: 'Q0E=' });
    const home = new FakeHome();
    writeFileSync(join(home.directory, 'config'), eks.kubeconfig());
    const { accessKeyId = '', secretAccessKey = '' } = aws.identities.admin ?? {};
    home.withCredentials(`[default]\naws_access_key_id=${accessKeyId}\naws_secret_access_key=${secretAccessKey}\n`);
    const [port, own] = [await freePort(), await freePort()];
    const env = {
      ...{ ...home.env, KUBECONFIG: join(home.directory, 'config'), REGIONS: 'us-east-1', PORT: `${port}` },
      AWS_ENDPOINT_URL: aws.endpoint,
    };
    using example = start(process.execPath, ['main.mjs'], { cwd: folder, env });
    await vi.waitFor(() => expect(example.output()).toContain('/metrics'), { timeout: 60_000 });
    const config = readFileSync(join(folder, 'prometheus.yml'), 'utf8')
      .replace('127.0.0.1:9464', `127.0.0.1:${port}`)
      .replace('15s', '1s')
      .replace('- alerts.yml', `- ${join(folder, 'alerts.yml')}`);
    const data = temporaryFolder('prometheus');
    writeFileSync(join(data, 'prometheus.yml'), config);
    const flags = [`--storage.tsdb.path=${join(data, 'data')}`, `--web.listen-address=127.0.0.1:${own}`];
    using _ = start(prometheus ?? '', [`--config.file=${join(data, 'prometheus.yml')}`, ...flags], {
      cwd: data,
      env: {},
    });
    const ask = async (path: string): Promise<{ data: { result: unknown[]; alerts: unknown[] } }> => {
      const response = await fetch(`http://127.0.0.1:${own}/api/v1/${path}`);
      const text = await response.text();
      expect(response.status, text).toBe(200);
      return JSON.parse(text);
    };
    const resultsOf = async (query: string) => (await ask(`query?query=${encodeURIComponent(query)}`)).data.result;
    // Nothing has failed here and there is no fleet, so these have no series.
    const empty = ['failed"', 'refusals', 'watch_failures', 'discovery_failures', 'fleet_'];
    const wanted = queries.filter(([, query]) => !empty.some((word) => query.includes(word)));
    await vi.waitFor(
      async () => {
        for (const [title, query] of wanted) expect(await resultsOf(query), `${title}: ${query}`).not.toEqual([]);
      },
      { timeout: 60_000, interval: 500 },
    );
    for (const [, query] of queries) await resultsOf(query);
    expect((await ask('alerts')).data.alerts).toEqual([]);
    expect(
      (await resultsOf('ekspress_discovery_changes_total{ekspress_discovery_change="registered"} == 1')).length,
    ).toBe(1);
  });
});

function start(program: string, args: string[], options: { cwd: string; env: Record<string, string> }) {
  const child: ChildProcess = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      output += chunk;
    });
  return { output: () => output, [Symbol.dispose]: () => void child.kill('SIGKILL') };
}
