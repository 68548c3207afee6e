import { expect, it } from 'vitest';
import { parseExecConfig } from '../../../src/aws/parse-exec-config.ts';
import { stanzaForCluster } from '../../../src/aws/stanza.ts';
import { ClusterAuth } from '../../../src/cluster/cluster-auth.ts';
import { EKSIdentity } from '../../../src/cluster/eks-identity.ts';

function identity(clusterName: string): EKSIdentity {
  const env = { HOME: '/nonexistent', AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'x' };
  const config = parseExecConfig(stanzaForCluster({ clusterName, region: 'us-east-1' }));
  return new EKSIdentity(config, { env, cache: false });
}

it('a request that is healed while its cluster becomes another one gets no token of that one', async () => {
  const [one, other] = [identity('one'), identity('other')];
  const auth = new ClusterAuth('id', one);
  const sent: string[] = [];
  const healing = auth.heal('refused', async (token) => {
    sent.push(token);
    return true;
  });
  auth.become(other);
  await healing;
  expect(sent).toEqual([(await one.tokens.getValidToken()).token]);
  expect(sent).not.toEqual([(await other.tokens.getValidToken()).token]);
});
