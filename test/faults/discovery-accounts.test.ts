import { ClusterRegistry, eksClusters } from 'ekspress';
import { startLocalAWS } from 'ekspress/testing';
import { expect, it } from 'vitest';
import { FakeHome } from '../support/fake-aws-home.ts';
import { seededRandom } from '../support/random.ts';
import { SEED } from '../support/seed.ts';

/** `EKSPRESS_DISCOVERY=30,4,1000`: accounts, regions, and clusters of an account in a region on average. */
const [ACCOUNTS = 8, REGION_COUNT = 2, CLUSTERS_EACH = 25] = (process.env.EKSPRESS_DISCOVERY ?? '')
  .split(',')
  .filter(Boolean)
  .map(Number);
const REGIONS = ['us-east-1', 'eu-west-1', 'us-west-2', 'eu-central-1'].slice(0, REGION_COUNT);
const CLUSTERS = ACCOUNTS * REGIONS.length * CLUSTERS_EACH;
/** What EKS lists at once. */
const PAGE = 100;

const accountId = (number: number) => `${100_000_000_000 + number}`;
const roleArn = (number: number) => `arn:aws:iam::${accountId(number)}:role/reader`;

it('A registry finds the clusters of all living accounts with as few requests as possible, one in twenty throttled', {
  timeout: 120_000 + CLUSTERS * 60,
}, async () => {
  const random = seededRandom(SEED);
  const dead = new Set([random.below(ACCOUNTS / 2), ACCOUNTS / 2 + random.below(ACCOUNTS / 2)]);
  const numbers = Array.from({ length: ACCOUNTS }, (_, number) => number);
  const living = numbers.filter((number) => !dead.has(number));
  await using aws = await startLocalAWS({ roles: Object.fromEntries(living.map((number) => [roleArn(number), {}])) });
  const expected: string[] = [];
  const perScope = new Map<string, number>();
  for (let number = 0; number < CLUSTERS; number += 1) {
    const account = random.below(ACCOUNTS);
    const region = random.pick(REGIONS);
    const name = `c${number}`;
    const server = `https://C${number}.gr7.${region}.eks.amazonaws.com`;
    aws.addCluster({ name, region, accountId: accountId(account), server, certificateAuthorityData: 'Q0E=' });
    if (dead.has(account)) continue;
    expected.push(`arn:aws:eks:${region}:${accountId(account)}:cluster/${name}`);
    const scope = `${account} ${region}`;
    perScope.set(scope, (perScope.get(scope) ?? 0) + 1);
  }
  const throttling = { code: 'ThrottlingException', status: 429 };
  aws.failSome('ListClusters', throttling, 0.05, SEED);
  aws.failSome('DescribeCluster', throttling, 0.05, SEED + 1);
  const { accessKeyId = '', secretAccessKey = '' } = aws.identities.admin ?? {};
  const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  const env = { ...new FakeHome().env, AWS_ENDPOINT_URL: aws.endpoint, ...keys };
  // The numbers of requests are what counts here, not how many go in a second.
  const awsLimits = { eks: { perSecond: 10_000 } };
  await using registry = new ClusterRegistry({ env, cache: false, awsLimits });
  const failed: string[] = [];
  registry.on('sourceFailed', ({ part, error }) => failed.push(`${part} ${error.code}`));
  const accounts = numbers.map((number) => ({ roleArn: roleArn(number) }));
  await registry.follow(eksClusters({ regions: REGIONS, accounts })).ready;

  expect(
    registry
      .list()
      .map(({ id }) => id)
      .sort(),
  ).toEqual(expected.sort());
  const silent = [...dead].flatMap((number) => REGIONS.map((region) => `${roleArn(number)} ${region} ACCESS_DENIED`));
  expect(failed.sort()).toEqual(silent.sort());
  const pages = living.flatMap((number) =>
    REGIONS.map((region) => Math.max(1, Math.ceil((perScope.get(`${number} ${region}`) ?? 0) / PAGE))),
  );
  const least = pages.reduce((sum, count) => sum + count, 0) + expected.length;
  const { sent, throttled } = registry.activity().aws.eks;
  if (process.env.EKSPRESS_DISCOVERY) {
    const size = `${ACCOUNTS} accounts x ${REGIONS.length} regions x ${CLUSTERS_EACH} clusters`;
    const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
    const found = `${registry.list().length} of ${expected.length} living clusters found`;
    console.log(
      `${size}: ${found}, ${sent - throttled} answered requests (least ${least}), ${throttled} throttled, ${megabytes} MB`,
    );
  }
  expect(sent - throttled).toBe(least);
  expect(throttled).toBeGreaterThan(0);
  // A role is assumed once at the endpoint of STS in each region.
  const { sts } = registry.activity().aws;
  expect(sts.sent).toBe(ACCOUNTS * REGIONS.length);
});
