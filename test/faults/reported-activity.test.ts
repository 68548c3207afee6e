import { EventEmitter } from 'node:events';
import type { Span, SpanOptions, SpanStatus, TracerProvider } from '@opentelemetry/api';
import { ClusterRegistry, eksClusters } from 'ekspress';
import { reportMetrics, traceRefreshes } from 'ekspress/metrics';
import { startLocalAWS } from 'ekspress/testing';
import { describe, expect, it, vi } from 'vitest';
import { FakeHome, KEYS } from '../support/fake-aws-home.ts';
import { fleetWith, MemoryStore } from '../support/fleet-machine.ts';
import { exported, scrape } from '../support/scraped-metrics.ts';

const LIVING = 'arn:aws:iam::111111111111:role/reader';
const DEAD = 'arn:aws:iam::222222222222:role/reader';

async function startWorld() {
  const aws = await startLocalAWS({ roles: { [LIVING]: {} } });
  const add = (name: string) =>
    aws.addCluster({
      ...{ name, accountId: '111111111111', region: 'us-east-1', certificateAuthorityData: 'Q0E=' },
      server: `https://${name.toUpperCase()}.gr7.us-east-1.eks.amazonaws.com`,
    });
  const { accessKeyId = '', secretAccessKey = '' } = aws.identities.admin ?? {};
  const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  const env = { ...new FakeHome().env, AWS_ENDPOINT_URL: aws.endpoint, ...keys };
  let time = Date.now();
  const later = (ms: number) => {
    time += ms;
  };
  const now = () => new Date(time);
  const awsLimits = { eks: { inFlight: 4, perSecond: 1_000 } };
  const registry = new ClusterRegistry({ env, cache: false, awsLimits, now });
  return { aws, add, registry, now, later };
}

describe('a registry that follows accounts, and that Prometheus scrapes', () => {
  it('tells of requests, throttled ones, found and removed clusters, failures and the age of the last whole list', async () => {
    const { aws, add, registry, now, later } = await startWorld();
    await using _ = aws;
    await using __ = registry;
    await using at = await exported();
    using report = await reportMetrics(registry, { meterProvider: at.meterProvider, now });
    expect(Object.keys(await scrape(at.exporter)).join()).not.toContain('discovery_age');
    for (const name of ['stays', 'goes']) add(name);
    aws.failNext('DescribeCluster', { code: 'ThrottlingException', status: 429 }, 1);
    const whole = registry.follow(
      eksClusters({ regions: ['us-east-1'], accounts: [{ roleArn: LIVING }], everyMs: 20 }),
    );
    await whole.ready;
    aws.removeCluster({ name: 'goes', accountId: '111111111111', region: 'us-east-1' });
    await vi.waitFor(() => expect(registry.list().length).toBe(1), 10_000);
    whole.stop();
    using part = registry.follow(eksClusters({ regions: ['us-east-1'], accounts: [{ roleArn: DEAD }] }));
    // The list ends 30 seconds after it began. It is not whole, so the age counts from the beginning.
    later(30_000);
    await part.ready;
    later(60_000);
    const seen = await scrape(at.exporter);
    expect(seen).toMatchObject({
      'ekspress_aws_throttled_total{ekspress_aws_service="eks"}': 1,
      'ekspress_aws_requests_total{ekspress_aws_service="sso"}': 0,
      'ekspress_aws_in_flight{ekspress_aws_service="sts"}': 0,
      'ekspress_aws_waiting{ekspress_aws_service="eks"}': 0,
      'ekspress_discovery_changes_total{ekspress_discovery_change="registered"}': 2,
      'ekspress_discovery_changes_total{ekspress_discovery_change="changed"}': 0,
      'ekspress_discovery_changes_total{ekspress_discovery_change="removed"}': 1,
      'ekspress_discovery_failures_total{error_type="ACCESS_DENIED"}': 1,
      'ekspress_discovery_age{}': 90,
    });
    expect(seen['ekspress_aws_requests_total{ekspress_aws_service="eks"}']).toBe(
      aws.count('DescribeCluster') + aws.count('ListClusters'),
    );
    report.stop();
  });

  it('does not take a list for whole while a part of it waits after a failure', async () => {
    const { aws, registry, now, later } = await startWorld();
    await using _ = aws;
    await using __ = registry;
    const accounts = [{ roleArn: LIVING }, { roleArn: DEAD }];
    const source = eksClusters({ regions: ['us-east-1'], accounts, everyMs: 20 });
    const began = now();
    using followed = registry.follow(source);
    await followed.ready;
    later(60_000);
    const asked = aws.count('ListClusters');
    await vi.waitFor(() => expect(aws.count('ListClusters')).toBeGreaterThan(asked + 5), 10_000);
    expect(registry.activity().discovery).toMatchObject({ sources: 1, completeAt: began });
  });
});

describe('a registry with a fleet, and that Prometheus scrapes', () => {
  it('tells who makes tokens for all, who waits for them, and when the store is left alone', async () => {
    await using aws = await startLocalAWS({ roles: { [LIVING]: {} } });
    const store = new MemoryStore();
    const { accessKeyId = '', secretAccessKey = '' } = aws.identities.admin ?? {};
    const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
    const env = { ...new FakeHome().env, AWS_ENDPOINT_URL_STS: aws.endpoint, ...keys };
    const role = ['--role-arn', LIVING];
    const kubeconfig = (name: string) => {
      const args = ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', name, ...role];
      const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'aws', args };
      return JSON.stringify({
        'current-context': 'c',
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'c' } }],
        clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
        users: [{ name: 'c', user: { exec } }],
      });
    };
    const open = () => new ClusterRegistry({ env, cache: false, fleet: fleetWith(store) });
    const add = (registry: ClusterRegistry, name: string) =>
      registry.registerByString(kubeconfig(name), { id: name, trustedServers: 'kubeconfig' });
    await using at = await exported();
    await using one = open();
    await using two = open();
    using report = await reportMetrics(one, { meterProvider: at.meterProvider });
    // The other machine makes the token; this one waits for it, or comes later and finds it.
    const others = (await add(two, 'a')).getToken();
    await vi.waitFor(() => expect(store.asked).toContain('claim'));
    await (await add(one, 'a')).getToken();
    await others;
    await (await add(one, 'b')).getToken();
    expect(await scrape(at.exporter)).toMatchObject({
      'ekspress_fleet_claims_total{ekspress_result="won"}': 1,
      'ekspress_fleet_paused{ekspress_fleet_method="get"}': 0,
    });
    const { fleet } = two.activity();
    expect(fleet).toEqual({
      claims: { won: 1, lost: 0, left: 0, ahead: 0 },
      waits: { taken: 0, gaveUp: 0 },
      failures: { get: 0, set: 0, claim: 0 },
      paused: [],
    });
    store.get = () => Promise.reject(new Error('refused'));
    for (const name of ['d', 'e', 'f', 'g']) await (await add(one, name)).getToken();
    expect(await scrape(at.exporter)).toMatchObject({
      'ekspress_fleet_failures_total{ekspress_fleet_method="get"}': 3,
      'ekspress_fleet_paused{ekspress_fleet_method="get"}': 1,
      'ekspress_fleet_paused{ekspress_fleet_method="set"}': 0,
    });
    report.stop();
  });
});

describe('a registry whose refreshes are traced', () => {
  it('has a span of each refresh, with its duration, and an error where it failed', async () => {
    const ended: { name: string; options: SpanOptions; status?: SpanStatus }[] = [];
    const startSpan = (name: string, options: SpanOptions = {}): Span => {
      const one: (typeof ended)[number] = { name, options };
      const setStatus = (status: SpanStatus) => {
        one.status = status;
      };
      return Object.assign(new EventEmitter(), { setStatus, end: () => ended.push(one) }) as unknown as Span;
    };
    const tracerProvider = { getTracer: () => ({ startSpan }) } as unknown as TracerProvider;
    const env = { ...new FakeHome().withStaticKeys(KEYS).env };
    await using registry = new ClusterRegistry({ env, cache: false });
    const tracing = await traceRefreshes(registry, { tracerProvider });
    const args = (profile: string[]) => [
      '--region',
      'us-east-1',
      'eks',
      'get-token',
      '--cluster-name',
      'c',
      ...profile,
    ];
    const kubeconfig = (profile: string[]) =>
      JSON.stringify({
        'current-context': 'c',
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'c' } }],
        clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
        users: [
          {
            name: 'c',
            user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'aws', args: args(profile) } },
          },
        ],
      });
    const options = (id: string) => ({ id, trustedServers: 'kubeconfig' }) as const;
    const good = await registry.registerByString(kubeconfig([]), options('good'));
    const bad = await registry.registerByString(kubeconfig(['--profile', 'gone']), options('bad'));
    await good.getToken();
    await expect(bad.getToken()).rejects.toMatchObject({ code: 'PROFILE_NOT_FOUND' });
    expect(ended).toMatchObject([
      {
        name: 'ekspress.token.refresh',
        options: { attributes: { 'ekspress.cluster.id': 'good', 'ekspress.token.source': 'mint' } },
      },
      {
        options: { attributes: { 'ekspress.cluster.id': 'bad', 'error.type': 'PROFILE_NOT_FOUND' } },
        status: { code: 2 },
      },
    ]);
    expect(JSON.stringify(ended)).not.toContain('k8s-aws-v1');
    tracing.stop();
    await good.tokenManager?.refreshToken();
    expect(ended.length).toBe(2);
  });
});
