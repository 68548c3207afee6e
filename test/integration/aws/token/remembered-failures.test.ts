import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EKSAuthError, parseExecConfig, TokenManager } from 'ekspress';
import { describe, expect, it } from 'vitest';
import { FakeHome, KEYS } from '../../../support/fake-aws-home.ts';

const SAID = `[default]\naws_access_key_id = ${KEYS.accessKeyId}\naws_secret_access_key = ${KEYS.secretAccessKey}\n`;
/** No server answers, and none is asked for what lies in files. */
const ALONE = { AWS_EC2_METADATA_DISABLED: 'true', HTTPS_PROXY: 'http://127.0.0.1:9' };

interface Trouble {
  readonly env?: Record<string, string>;
  readonly files?: Record<string, string>;
  readonly command?: readonly [string, ...string[]];
  /** The failure may be told from memory until something changes. */
  readonly ours: boolean;
  cure(home: FakeHome, env: Record<string, string>): void;
}

const put = (home: FakeHome, path: string, text: string) => {
  mkdirSync(dirname(join(home.directory, path)), { recursive: true });
  writeFileSync(join(home.directory, path), text, { mode: 0o755 });
};
const credentialsWritten = (home: FakeHome) => put(home, '.aws/credentials', SAID);
const SSO =
  '[profile dev]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = admin\n';

const TROUBLES: Readonly<Record<string, Trouble>> = {
  'no AWS files': { ours: true, cure: credentialsWritten },
  'no config file': {
    ours: true,
    env: { AWS_PROFILE: 'dev' },
    cure: (home) => put(home, '.aws/config', SAID.replace('[default]', '[profile dev]')),
  },
  'no such profile': {
    ours: true,
    env: { AWS_PROFILE: 'dev' },
    files: { '.aws/config': '[profile other]\nregion = us-east-1\n' },
    cure: (home) => put(home, '.aws/config', SAID.replace('[default]', '[profile dev]')),
  },
  'a profile without keys': {
    ours: true,
    files: { '.aws/credentials': '[default]\nregion = us-east-1\n' },
    cure: credentialsWritten,
  },
  'a folder in the place of a file': {
    ours: true,
    files: { '.aws/credentials/x': '' },
    cure(home) {
      rmSync(join(home.directory, '.aws/credentials'), { recursive: true });
      credentialsWritten(home);
    },
  },
  'variables that are not set': {
    ours: true,
    cure: (_home, env) =>
      Object.assign(env, { AWS_ACCESS_KEY_ID: KEYS.accessKeyId, AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey }),
  },
  'a variable that names another file': {
    ours: true,
    files: { 'other-credentials': SAID },
    cure: (home, env) => Object.assign(env, { AWS_SHARED_CREDENTIALS_FILE: join(home.directory, 'other-credentials') }),
  },
  'a file that a variable names and that is not there': {
    ours: true,
    env: { AWS_SHARED_CREDENTIALS_FILE: '~/later' },
    cure: (home) => put(home, 'later', SAID),
  },
  'a login of SSO that does not exist': {
    ours: true,
    env: { AWS_PROFILE: 'dev' },
    files: { '.aws/config': SSO },
    cure: (home) => put(home, '.aws/config', SAID.replace('[default]', '[profile dev]')),
  },
  'a credential_process that fails': {
    ours: false,
    env: { AWS_PROFILE: 'dev' },
    files: {
      '.aws/config': '[profile dev]\ncredential_process = $HOME/bin/keys\n'.replace('$HOME', '%HOME%'),
      'bin/keys': '#!/bin/sh\n[ -f "$HOME/in" ] || { echo "Your session has expired" >&2; exit 1; }\ncat "$HOME/in"\n',
    },
    cure: (home) =>
      put(
        home,
        'in',
        JSON.stringify({ Version: 1, AccessKeyId: KEYS.accessKeyId, SecretAccessKey: KEYS.secretAccessKey }),
      ),
  },
  'an original command that says that its session has expired': {
    ours: false,
    command: ['saml2aws', 'exec', '--', 'aws'],
    files: {
      'bin/saml2aws':
        '#!/bin/sh\n[ -f "$HOME/in" ] || { echo "session has expired" >&2; exit 1; }\nshift 2\nexec "$@"\n',
    },
    cure: (home) => put(home, 'in', ''),
  },
  'an original command that says nothing': {
    ours: false,
    command: ['aws-vault', 'exec', 'dev', '--', 'aws'],
    files: { 'bin/aws-vault': '#!/bin/sh\n[ -f "$HOME/in" ] || exit 1\nshift 3\nexec "$@"\n' },
    cure: (home) => put(home, 'in', ''),
  },
};

describe('a failure that another process has remembered', () => {
  it.each(Object.entries(TROUBLES))(
    'ends with its cause: %s',
    async (_, { files = {}, command = ['aws'], ...trouble }) => {
      const home = new FakeHome().withAws();
      for (const [path, text] of Object.entries(files)) put(home, path, text.replaceAll('%HOME%', home.directory));
      const env: Record<string, string> = { ...home.env, ...ALONE, ...trouble.env };
      const [program, ...words] = command;
      const config = parseExecConfig({
        command: program,
        args: [...words, '--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'],
      });
      const ask = () => new TokenManager(config, { env: { ...env } }).getValidToken().catch((error: unknown) => error);

      const first = await ask();
      expect(first).toBeInstanceOf(EKSAuthError);
      const again = await ask();
      const told = again instanceof EKSAuthError ? again.message : '';
      expect(told.includes('a moment ago')).toBe(trouble.ours);
      // What a person reads the second time has the cause of the first time in it.
      if (first instanceof EKSAuthError) expect(plain(told)).toContain(plain(first.message));
      trouble.cure(home, env);
      expect(await ask()).toMatchObject({ token: expect.stringMatching(/^k8s-aws-v1\./) });
    },
  );
});

/** A remembered text has single quotes only. */
function plain(text: string): string {
  return text.replaceAll('"', "'");
}
