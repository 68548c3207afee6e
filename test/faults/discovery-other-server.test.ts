import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ClusterRegistry, eksClusters } from 'ekspress';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FakeHome } from '../support/fake-aws-home.ts';

/** What is reported of a list of clusters that another server than EKS gives. */
async function reported(page: (number: number) => object): Promise<{ pages: number; failures: readonly string[] }> {
  let pages = 0;
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(page(pages++)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const keys = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'EXAMPLEKEY' };
  const awsLimits = { eks: { inFlight: 4, perSecond: 100_000 } };
  const env = { ...new FakeHome().env, ...keys, AWS_ENDPOINT_URL_EKS: endpoint };
  await using registry = new ClusterRegistry({ env, cache: false, awsLimits });
  const failures: string[] = [];
  registry.on('sourceFailed', ({ error }) => failures.push(`${error.code}: ${error.message}`));
  await registry.follow(eksClusters({ regions: ['us-east-1'] })).ready;
  return { pages, failures };
}

describe('a list of clusters from another server than EKS', () => {
  it('has no more names than EKS could give, however many stand on a page', async () => {
    const page = (number: number) => ({
      clusters: Array.from({ length: 60_000 }, (_, index) => `c${number}-${index}`),
      nextToken: 'more',
    });
    const { pages, failures } = await reported(page);
    expect([pages, failures]).toEqual([2, [expect.stringMatching(/^NETWORK: .* more names than/)]]);
  });

  it('has no longer names than EKS could give', async () => {
    const { pages, failures } = await reported(() => ({ clusters: ['c'.repeat(900_000)], nextToken: 'more' }));
    expect([pages, failures]).toEqual([12, [expect.stringMatching(/^NETWORK: .* more names than/)]]);
  });

  it('is reported with the name that no cluster of EKS can have, without escape sequences', async () => {
    const { failures } = await reported(() => ({ clusters: ['odd/name\u001b[31m'] }));
    expect(failures).toEqual([expect.stringContaining('odd/name')]);
    expect(failures[0]).not.toContain('\u001b');
  });
});
