import { describe, expect, it } from 'vitest';
import { describeCluster } from '../../../../src/aws/mint/describe-cluster.ts';
import { describedContext } from '../../../../src/cluster/registry/aws-cluster.ts';
import { hostFrom } from '../../../../src/host.ts';
import { NOWHERE } from '../../../support/paths.ts';

const env = { HOME: NOWHERE, PATH: NOWHERE, AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 's' };

/** The arguments of the user that stands for a cluster of which DescribeCluster says this. */
async function argumentsFor(more: object): Promise<readonly string[]> {
  const cluster = {
    arn: 'arn:aws:eks:us-west-2:123456789012:cluster/prod',
    endpoint: 'https://prod.example',
    certificateAuthority: { data: 'Y2E=' },
    status: 'ACTIVE',
    ...more,
  };
  const transport = async () => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ cluster }),
  });
  const { user } = await describedContext(
    { name: 'prod', region: 'us-west-2' },
    (config) => describeCluster({ config, host: hostFrom({ env }), transport }),
    {},
  );
  return user.exec?.args ?? [];
}

describe('the tokens of a described cluster', () => {
  const id = '11111111-2222-3333-4444-555555555555';

  it('name a local cluster on an Outpost by its id, as `aws eks update-kubeconfig` writes it', async () => {
    const outpostConfig = { outpostArns: ['arn:aws:outposts:us-west-2:123456789012:outpost/op-1'] };
    expect(await argumentsFor({ id, outpostConfig })).toEqual(expect.arrayContaining(['--cluster-id', id]));
  });

  it.each([
    ['in a region', { id }],
    ['on an Outpost with an instance type for etcd', { id, outpostConfig: { etcdInstanceType: 'm5.large' } }],
  ])('name a cluster %s by its name', async (_, more) => {
    expect(await argumentsFor(more)).toEqual(expect.arrayContaining(['--cluster-name', 'prod']));
  });
});
