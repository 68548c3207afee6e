import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

// Tests speak of environments that they set themselves. Whoever runs them may have a profile, a session, a proxy
// or a kubeconfig exported; none of it may decide a test, and no test may write into that person's home.
const decides =
  /^(AWS_|EKS_TOKEN_|K8S_TOKEN_|KUBE|BOTO_CONFIG$|NODE_EXTRA_CA_CERTS$|NODE_OPTIONS$|XDG_|(all|https?|no)_proxy$)/i;

for (const name of Object.keys(process.env)) {
  if (decides.test(name)) delete process.env[name];
}

const home = mkdtempSync(join(tmpdir(), 'ekspress-home-'));
process.env.HOME = home;

afterAll(() => rmSync(home, { recursive: true, force: true }));
