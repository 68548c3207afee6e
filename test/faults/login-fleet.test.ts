import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { makeHome } from '../support/aws-home.ts';
import { bundleProgram } from '../support/bundle-program.ts';
import { startSignIn } from '../support/sign-in-service.ts';

it('Eight processes with two clusters each renew a login of `aws login` once, and all get their tokens', {
  timeout: 120_000,
}, async () => {
  await using signIn = await startSignIn();
  const home = await makeHome({});
  const program = await bundleProgram('clusters-program', home.path);
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
