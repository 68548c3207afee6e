// A HOME with one EKS identity, without anything from the user who runs the benchmark.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const plugin = join(root, 'bin', 'ekspress-exec');
export const entryPoint = join(root, 'dist', 'index.js');

export const words = ['aws', '--region', 'us-west-2', 'eks', 'get-token', '--cluster-name', 'mycluster'];

export function openSandbox() {
  const home = mkdtempSync(join(tmpdir(), 'ekspress-bench-home-'));
  const env = {
    HOME: home,
    PATH: process.env.PATH,
    AWS_ACCESS_KEY_ID: 'ASIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    // As long as a session token of AssumeRole, which makes the token and its cache entry about 2.5 KB.
    AWS_SESSION_TOKEN: 'FwoGZXIvYXdzE'.repeat(80),
    KUBERNETES_EXEC_INFO: JSON.stringify({
      kind: 'ExecCredential',
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      spec: { interactive: false },
    }),
    ...(process.env.NODE_EXTRA_CA_CERTS && { NODE_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS }),
  };
  return {
    home,
    env,
    cache: join(home, '.kube', 'cache', 'eks-tokens'),
    close: () => rmSync(home, { recursive: true }),
  };
}
