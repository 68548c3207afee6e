import { ClusterRegistry, eksClusters, parseExecConfig, TokenManager } from 'ekspress';
import { startLocalAWS } from 'ekspress/testing';
import { describe, expect, it } from 'vitest';
import { startCountingRelay } from '../support/counting-relay.ts';
import { FakeHome } from '../support/fake-aws-home.ts';
import { startSignIn } from '../support/sign-in-service.ts';

const ACCOUNT = '123456789012';
const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);
/** More than two seconds of a quota of 20 a second. */
const MANY = 45;
/** The third twenty begins no earlier than this after the first request was asked for. Load only adds to it. */
const TWO_SECONDS = 2_000;

const manager = (env: Record<string, string>, profile: string) =>
  new TokenManager(
    parseExecConfig(
      {
        command: 'aws',
        args: ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'c', '--profile', profile],
      },
      { cliVersion: 'v2' },
    ),
    { env, cache: false },
  );

describe('a process with many roles of IAM Identity Center', () => {
  it('asks for at most 10 at once and 20 a second', async () => {
    const roleName = (number: number) => `role-${number}`;
    const ssoRoles = numbers(MANY).map((number) => ({ accountId: ACCOUNT, roleName: roleName(number) }));
    await using aws = await startLocalAWS({ ssoRoles });
    await using relay = await startCountingRelay(aws.endpoint);
    const home = new FakeHome();
    const startUrl = 'https://local.awsapps.com/start';
    const profile = (number: number) =>
      `[profile p${number}]\nsso_start_url = ${startUrl}\nsso_region = us-east-1\nsso_account_id = ${ACCOUNT}\nsso_role_name = ${roleName(number)}\n`;
    home.withConfig(numbers(MANY).map(profile).join(''));
    await aws.ssoLogin(home.directory, { startUrl });
    const env = { ...home.env, AWS_ENDPOINT_URL: relay.url };
    const began = performance.now();
    await Promise.all(numbers(MANY).map((number) => manager(env, `p${number}`).getValidToken()));
    const arrivals = relay.arrivals('/federation/credentials');
    expect(arrivals.length).toBe(MANY);
    expect(relay.mostAtOnce('/federation/credentials')).toBeLessThanOrEqual(10);
    expect((arrivals[40] ?? 0) - began).toBeGreaterThan(TWO_SECONDS);
  });

  it('renews at most 10 logins at once', async () => {
    const roleName = 'reader';
    await using aws = await startLocalAWS({ ssoRoles: [{ accountId: ACCOUNT, roleName }] });
    await using relay = await startCountingRelay(aws.endpoint, 50);
    const home = new FakeHome();
    const profile = (number: number) =>
      `[sso-session s${number}]\nsso_start_url = https://s${number}.example/start\nsso_region = us-east-1\n[profile p${number}]\nsso_session = s${number}\nsso_account_id = ${ACCOUNT}\nsso_role_name = ${roleName}\n`;
    home.withConfig(numbers(15).map(profile).join(''));
    for (const number of numbers(15)) {
      const login = { sessionName: `s${number}`, startUrl: `https://s${number}.example/start`, expiresInSeconds: -60 };
      await aws.ssoLogin(home.directory, login);
    }
    const env = { ...home.env, AWS_ENDPOINT_URL: relay.url };
    await Promise.all(numbers(15).map((number) => manager(env, `p${number}`).getValidToken()));
    expect(aws.count('CreateToken')).toBe(15);
    expect(relay.mostAtOnce('/token')).toBeLessThanOrEqual(10);
    // A renewal that a server may have seen already must not go out a second time over a kept connection.
    expect(relay.connections()).toBeGreaterThanOrEqual(15);
  });
});

describe('a process with many logins of `aws login`', () => {
  it('renews at most 10 of them at once', async () => {
    await using signIn = await startSignIn();
    await using relay = await startCountingRelay(signIn.url, 50);
    const accessToken = { accessKeyId: 'ASIARENEWED', secretAccessKey: 'sEXAMPLEKEY', sessionToken: 't' };
    signIn.intercept = () => ({ status: 200, body: { accessToken, expiresIn: 900, refreshToken: 'rEXAMPLEKEY' } });
    const homes = numbers(15).map(() => new FakeHome());
    for (const home of homes) signIn.login(home.directory, -60);
    const env = (home: FakeHome) => ({ ...home.env, AWS_ENDPOINT_URL_SIGNIN: relay.url });
    await Promise.all(homes.map((home) => manager(env(home), 'l').getValidToken()));
    expect(signIn.requests.length).toBe(15);
    expect(relay.mostAtOnce('/v1/token')).toBeLessThanOrEqual(10);
  });
});

describe('a registry that asks EKS about many clusters as one identity', () => {
  const REGIONS = ['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'eu-west-1', 'eu-west-2'];

  async function world() {
    const aws = await startLocalAWS();
    const relay = await startCountingRelay(aws.endpoint);
    const { accessKeyId = '', secretAccessKey = '' } = aws.identities.admin ?? {};
    const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
    const env = { ...new FakeHome().env, AWS_ENDPOINT_URL: relay.url, ...keys };
    return { aws, relay, env };
  }
  const server = (region: string, number: number) => `https://C${number}.gr7.${region}.eks.amazonaws.com`;

  it('has at most 4 calls of DescribeCluster under way, and begins 20 a second', async () => {
    const { aws, relay, env } = await world();
    await using _ = aws;
    await using __ = relay;
    await using registry = new ClusterRegistry({ env, cache: false });
    const region = 'us-east-1';
    for (const number of numbers(MANY)) {
      aws.addCluster({ name: `c${number}`, region, server: server(region, number), certificateAuthorityData: 'Q0E=' });
    }
    const began = performance.now();
    await Promise.all(numbers(MANY).map((number) => registry.registerAWSCluster({ name: `c${number}`, region })));
    const arrivals = relay.arrivals('/clusters/');
    expect(arrivals.length).toBe(MANY);
    expect(relay.mostAtOnce('/clusters/')).toBeLessThanOrEqual(4);
    expect((arrivals[40] ?? 0) - began).toBeGreaterThan(TWO_SECONDS);
  });

  it('has at most 4 calls of ListClusters under way, however many sources it follows', async () => {
    const { aws, relay, env } = await world();
    await using _ = aws;
    await using __ = relay;
    await using registry = new ClusterRegistry({ env, cache: false });
    for (const [number, region] of REGIONS.entries()) {
      aws.addCluster({ name: 'c', region, server: server(region, number), certificateAuthorityData: 'Q0E=' });
    }
    const halves = [REGIONS.slice(0, 3), REGIONS.slice(3)];
    await Promise.all(halves.map((regions) => registry.follow(eksClusters({ regions })).ready));
    expect(registry.list().length).toBe(REGIONS.length);
    expect(relay.arrivals('/clusters?').length).toBe(REGIONS.length);
    expect(relay.mostAtOnce('/clusters')).toBeLessThanOrEqual(4);
  });
});
