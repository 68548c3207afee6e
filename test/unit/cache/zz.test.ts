import { writeFileSync, mkdirSync } from 'node:fs';
import { it, expect } from 'vitest';
import { cacheKey } from '../../../src/cache/key.ts';
import { cacheDirectory } from '../../../src/cache/directory.ts';
import { TokenCache } from '../../../src/cache/token-cache.ts';
it('x', async () => {
  const env = { HOME: '/tmp/hit/home', AWS_PROFILE: 'acme' };
  mkdirSync('/tmp/hit/home/.aws', { recursive: true });
  writeFileSync('/tmp/hit/home/.aws/credentials', 'x');
  const cache = new TokenCache({ directory: cacheDirectory(env), now: () => new Date(), logger: console });
  const w = cache.watchSources();
  for (const f of ['config', 'credentials']) await w.reading(`/tmp/hit/home/.aws/${f}`);
  const at = Math.floor(Date.now() / 1000) * 1000;
  expect(await cache.store(cacheKey({ tool: 'aws', cluster: 'dev', region: 'us-east-1', env }), { token: 'k8s-aws-v1.' + 'abcdEFGH12'.repeat(Number(process.env.TL ?? 160)), mintedAt: new Date(at), expiresAt: new Date(at + 840e3), unattended: true, hostBound: false }, w)).toBe('stored');
});
