import { expect, it } from 'vitest';
import { getEKSToken } from '../../../../src/index.ts';

const tokenWith = (sessionToken: string) =>
  getEKSToken({
    clusterName: 'dev',
    region: 'us-west-2',
    cache: false,
    env: {
      HOME: '/nonexistent',
      AWS_ACCESS_KEY_ID: 'ASIALONG',
      AWS_SECRET_ACCESS_KEY: 'EXAMPLEKEY',
      AWS_SESSION_TOKEN: sessionToken,
    },
  });

it('A token beyond what EKS reads is an error, not a 401 later', async () => {
  expect((await tokenWith('EXAMPLEKEY'.repeat(260))).token.length).toBeLessThanOrEqual(4096);
  await expect(tokenWith('EXAMPLEKEY'.repeat(280))).rejects.toMatchObject({
    code: 'INVALID_CONFIG',
    message: expect.stringMatching(
      /^The token for cluster "dev" would be 4\d{3} bytes long, and EKS reads 4096: the session token that belongs to ASIALONG is too long\.$/,
    ),
    remedy: expect.stringContaining('fewer session tags'),
  });
});
