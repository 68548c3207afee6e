import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EKSAuthError, getEKSToken, parseExecConfig, TokenManager } from 'ekspress';
import { describe, expect, it } from 'vitest';
import { FakeHome, KEYS } from '../../support/fake-aws-home.ts';
import { PATH } from '../../support/paths.ts';
import { run, SCRIPT } from '../../support/script-shells.ts';
import { urlOf } from '../../support/sign-token.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const WORDS = ['aws', '--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'];

interface RecordedCase {
  readonly id: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  readonly time: string;
  readonly v1: Recorded;
  readonly v2: Recorded;
}

/** What a real AWS CLI did. */
interface Recorded {
  readonly execCredential?: { readonly status: { readonly token: string } } | null;
  readonly requests?: readonly unknown[] | null;
}

const cases: readonly RecordedCase[] = JSON.parse(readFileSync('test/vectors/aws-eks-get-token.json', 'utf8')).cases;

/** The token of ekspress in the situation of a recorded case, or the code of its error. */
async function tokenIn({ argv, env, files, time }: RecordedCase, cliVersion: 'v1' | 'v2'): Promise<string> {
  const home = temporaryFolder('law');
  const filled = (text: string) => text.replaceAll('${HOME}', home);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), filled(text));
  }
  const variables = Object.entries(env).map(([name, value]) => [name, filled(value)]);
  try {
    const manager = new TokenManager(parseExecConfig({ command: 'aws', args: argv }, { cliVersion }), {
      env: { PATH, HOME: home, TZ: 'UTC', LANG: 'C.UTF-8', ...Object.fromEntries(variables) },
      now: () => new Date(time),
      cache: false,
      execPolicy: 'eks-only',
    });
    return (await manager.getValidToken()).token;
  } catch (error) {
    if (error instanceof EKSAuthError) return error.code;
    throw error;
  }
}

/** The access key that has signed a token. */
function signerOf(token: string): string | undefined {
  return new URL(urlOf(token)).searchParams.get('X-Amz-Credential')?.split('/')[0];
}

async function signerOfPlugin(home: FakeHome): Promise<string | undefined> {
  const { stdout } = await run([SCRIPT, ...WORDS], home.env);
  return signerOf(JSON.parse(stdout).status.token);
}

describe('the token', () => {
  it.each(['v1', 'v2'] as const)('is the one that the AWS CLI %s printed, and never another one', async (version) => {
    const offline = cases.filter(({ [version]: cli }) => cli.execCredential && !cli.requests?.length);
    expect(offline.length).toBeGreaterThan(60);
    let withheld = 0;
    for (const one of offline) {
      const token = await tokenIn(one, version);
      // Left to the CLI itself, or a token that no cluster accepts.
      if (token === 'EXEC_DENIED' || token === 'INVALID_CONFIG') withheld += 1;
      else expect(token, one.id).toBe(one[version].execCredential?.status.token);
    }
    expect(withheld).toBeLessThan(offline.length / 10);
  });

  it('is that of the keys on disk at each call: the cache is invisible when the file changes', async () => {
    const home = new FakeHome().withStaticKeys();
    const request = { clusterName: 'dev', region: 'us-east-1', env: home.env };
    expect(signerOf((await getEKSToken(request)).token)).toBe(KEYS.accessKeyId);
    expect(await signerOfPlugin(home)).toBe(KEYS.accessKeyId);
    home.withStaticKeys({ ...KEYS, accessKeyId: 'AKIAOTHERKEYEXAMPLE0' });
    expect(await signerOfPlugin(home)).toBe('AKIAOTHERKEYEXAMPLE0');
    expect(signerOf((await getEKSToken(request)).token)).toBe('AKIAOTHERKEYEXAMPLE0');
  });

  it('is that of the profile of each call, where the environment changes beside a shared cache', async () => {
    const home = new FakeHome().withCredentials(
      ['one', 'two']
        .map((name) => `[${name}]\naws_access_key_id = AKIA${name}\naws_secret_access_key = ${KEYS.secretAccessKey}\n`)
        .join(''),
    );
    for (const profile of ['one', 'two', 'one']) {
      const env = { ...home.env, AWS_PROFILE: profile };
      const { token } = await getEKSToken({ clusterName: 'dev', region: 'us-east-1', env });
      expect(signerOf(token)).toBe(`AKIA${profile}`);
      const { stdout } = await run([SCRIPT, ...WORDS], env);
      expect(JSON.parse(stdout).status.token).toBe(token);
    }
  });

  it("comes from the kubeconfig's own command where the identity cannot be decided in-process", async () => {
    const home = new FakeHome().withMfaProfile().withAws();
    const { stdout } = await run([SCRIPT, ...WORDS, '--profile', 'mfa'], home.env);
    expect(home.awsCalls).toBe(1);
    const { token } = await getEKSToken({ clusterName: 'dev', region: 'us-east-1', profile: 'mfa', env: home.env });
    expect(JSON.parse(stdout).status.token).toBe(token);
    expect(home.awsCalls).toBe(1);
  });
});
