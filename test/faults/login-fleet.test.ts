import { execFile } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { makeHome } from '../support/aws-home.ts';
import { startSignIn } from '../support/sign-in-service.ts';

it('Eight processes with two clusters each renew a login of `aws login` once, and all get their tokens', {
  timeout: 120_000,
}, async () => {
  await using signIn = await startSignIn();
  const home = await makeHome({});
  const program = join(home.path, 'clusters.mjs');
  await symlink(resolve('node_modules'), join(home.path, 'node_modules'));
  await build({
    entryPoints: [fileURLToPath(new URL('../support/clusters-program.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@aws-sdk/*'],
    logLevel: 'error',
  });
  for (const secondsLeft of [200, -60]) {
    signIn.login(home.path, secondsLeft);
    const before = signIn.requests.length;
    const env = JSON.stringify({ ...home.env, AWS_ENDPOINT_URL_SIGNIN: signIn.url });
    const runs = Array.from({ length: 8 }, (_, n) =>
      promisify(execFile)(process.execPath, [program, env, 'l', `c${2 * n}`, `c${2 * n + 1}`]),
    );
    const lines = (await Promise.all(runs)).flatMap(({ stdout }) => stdout.trim().split('\n'));
    expect(lines).toEqual(Array.from({ length: 16 }, () => 'token'));
    expect(signIn.requests.length - before).toBe(1);
  }
});
