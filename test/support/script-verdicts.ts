import { expect } from 'vitest';
import type { HitCase } from '../hit-cases/hit-case.ts';
import { TOKEN } from './prepare-hit-case.ts';
import { NODE_ANSWER, type Outcome } from './script-shells.ts';

/** What the script has decided, by its outcome: a hit is shown by the document that it prints, a miss by its reason. */
export function decided({ status, stdout, stderr }: Outcome): unknown {
  if (status !== 0) return { status, stdout, stderr };
  if (stdout === `${NODE_ANSWER}\n`) return `miss: ${/^\[DEBUG\] miss: (.*)\n$/.exec(stderr)?.[1] ?? stderr}`;
  return /^\[DEBUG\] hit: .*\n$/.test(stderr) ? JSON.parse(stdout) : { stdout, stderr };
}

/** What {@link decided} has to be for this case. */
export function decisionOf({ verdict, reason, scriptReason = reason, apiVersion = 'v1beta1' }: HitCase): unknown {
  if (verdict !== 'hit') {
    const reasons = typeof scriptReason === 'string' ? [scriptReason] : (scriptReason ?? ['.*']);
    return expect.stringMatching(new RegExp(`^miss: (${reasons.join('|')})$`));
  }
  return {
    kind: 'ExecCredential',
    apiVersion: `client.authentication.k8s.io/${apiVersion}`,
    spec: {},
    status: { expirationTimestamp: expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/), token: TOKEN },
  };
}
