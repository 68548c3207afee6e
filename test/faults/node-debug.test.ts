import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { managerOnLocalAWS } from '../support/manager-on-local-aws.ts';

it('Node prints no token in a header of the manager’s requests under NODE_DEBUG=http', async () => {
  const { aws, eks, home, close } = await managerOnLocalAWS();
  try {
    home.write(eks.kubeconfig({ profile: 'admin' }));
    const main = new URL('../../dist/cli/main.js', import.meta.url).pathname;
    const env = { ...home.env, NODE_DEBUG: 'http', AWS_ENDPOINT_URL_STS: aws.endpoint };
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, 'whoami'], { env }).catch(
      (failure: { stdout: string; stderr: string }) => failure,
    );
    expect(stdout).toContain('admin');
    expect(stderr).toContain('createConnection');
    expect(`${stdout}${stderr}`).not.toMatch(/k8s-aws-v1\.aHR0|Bearer /);
  } finally {
    await close();
  }
});
