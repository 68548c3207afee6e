import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { makeHome } from '../support/aws-home.ts';
import { bundleProgram } from '../support/bundle-program.ts';
import { startSignIn } from '../support/sign-in-service.ts';

/** EKSPRESS_LOGIN_CLUSTERS sets how many clusters each process has. */
const CLUSTERS = Number(process.env.EKSPRESS_LOGIN_CLUSTERS ?? 2);
const PROCESSES = 8;

it('Eight processes with several clusters each renew a login of `aws login` once, and all get their tokens', {
  timeout: 120_000,
}, async () => {
  await using signIn = await startSignIn();
  const home = await makeHome({});
  const program = await bundleProgram('clusters-program', home.path);
  for (const secondsLeft of [200, -60]) {
    signIn.login(home.path, secondsLeft);
    const before = signIn.requests.length;
    const env = JSON.stringify({ ...home.env, AWS_ENDPOINT_URL_SIGNIN: signIn.url });
    const runs = Array.from({ length: PROCESSES }, (_, n) => {
      const clusters = Array.from({ length: CLUSTERS }, (_, m) => `c${n}-${m}`);
      return promisify(execFile)(process.execPath, [program, env, 'l', ...clusters]);
    });
    const lines = (await Promise.all(runs)).flatMap(({ stdout }) => stdout.trim().split('\n'));
    expect(lines).toEqual(Array.from({ length: PROCESSES * CLUSTERS }, () => 'token'));
    expect(signIn.requests.slice(before).map(({ status }) => status)).toEqual([200]);
    console.log(`${PROCESSES} x ${CLUSTERS} clusters, ${secondsLeft} s left: 1 renewal, ${lines.length} tokens`);
  }
});
