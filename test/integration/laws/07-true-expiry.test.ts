import { getEKSToken } from 'ekspress';
import { describe, expect, it } from 'vitest';
import { FakeHome, KEYS } from '../../support/fake-aws-home.ts';
import { run, SCRIPT } from '../../support/script-shells.ts';
import { urlOf } from '../../support/sign-token.ts';

const WORDS = ['aws', '--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'];
const MINUTE = 60_000;
const NOW = new Date('2026-03-01T12:00:00Z');
const request = { clusterName: 'dev', region: 'us-east-1', now: () => NOW, cache: false } as const;

/** The token of session keys that end so many milliseconds from now. */
function tokenOfSession(endsIn: number) {
  const credentials = async () => ({
    ...KEYS,
    sessionToken: 'a-session-EXAMPLEKEY',
    expiration: new Date(NOW.getTime() + endsIn),
  });
  return getEKSToken({ ...request, credentials });
}

/** Milliseconds from now to the end that is told. */
async function toldEnd(endsIn: number): Promise<number> {
  return (await tokenOfSession(endsIn)).expiresAt.getTime() - NOW.getTime();
}

describe('the end of a token', () => {
  it('is 14 minutes after its signature, a minute before the server stops accepting it', async () => {
    const { env } = new FakeHome().withStaticKeys();
    const { token, expiresAt } = await getEKSToken({ ...request, env });
    expect(new URL(urlOf(token)).searchParams.get('X-Amz-Date')).toBe('20260301T120000Z');
    expect(expiresAt.getTime() - NOW.getTime()).toBe(14 * MINUTE);
  });

  it('is a minute before the end of the credentials where these end first', async () => {
    expect(await toldEnd(60 * MINUTE)).toBe(14 * MINUTE);
    expect(await toldEnd(10 * MINUTE)).toBe(9 * MINUTE);
  });

  it('is the true end of the credentials below the margin', async () => {
    expect(await toldEnd(MINUTE + 30_000)).toBe(MINUTE + 30_000);
    expect(await toldEnd(20_000)).toBe(20_000);
  });

  it('is an error, not a time in the past, where the credentials have ended', async () => {
    await expect(tokenOfSession(-1000)).rejects.toMatchObject({ code: 'SESSION_EXPIRED' });
  });

  it('is told to kubectl as a time in the future', async () => {
    const { env } = new FakeHome().withStaticKeys();
    for (let call = 0; call < 2; call += 1) {
      const { stdout } = await run([SCRIPT, ...WORDS], env);
      expect(Date.parse(JSON.parse(stdout).status.expirationTimestamp)).toBeGreaterThan(Date.now() + 13 * MINUTE);
    }
  });
});
