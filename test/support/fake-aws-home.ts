import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAWSProgram } from './aws-program.ts';
import { PATH } from './paths.ts';
import { temporaryFolder } from './temporary.ts';

export const KEYS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};

/** A person's home in a temporary directory, with an `aws` first on its PATH that counts its calls; removed at the end. */
export class FakeHome {
  readonly directory: string = temporaryFolder('home');
  readonly env: Record<string, string>;
  readonly cacheDirectory: string = join(this.directory, '.kube', 'cache', 'eks-tokens');
  readonly #calls = join(this.directory, 'aws-calls');
  readonly #processCalls = join(this.directory, 'process-calls');

  constructor() {
    for (const name of ['.aws', 'bin']) mkdirSync(join(this.directory, name));
    this.env = { HOME: this.directory, PATH: `${join(this.directory, 'bin')}:${PATH}` };
  }

  /** Static keys in the default profile: decided in-process. */
  withStaticKeys(keys: typeof KEYS = KEYS): this {
    return this.withCredentials(
      `[default]\naws_access_key_id = ${keys.accessKeyId}\naws_secret_access_key = ${keys.secretAccessKey}\n`,
    );
  }

  withCredentials(text: string): this {
    writeFileSync(join(this.directory, '.aws', 'credentials'), text);
    return this;
  }

  withConfig(text: string): this {
    writeFileSync(join(this.directory, '.aws', 'config'), text);
    return this;
  }

  /** A profile that needs a person's MFA code: only the original command can ask for it. */
  withMfaProfile(): this {
    return this.withStaticKeys().withConfig(
      '[profile mfa]\nrole_arn = arn:aws:iam::123456789012:role/admin\nsource_profile = default\nmfa_serial = arn:aws:iam::123456789012:mfa/me\n',
    );
  }

  /** The profile `process`, whose program is run for its keys and notes each call; `before` runs first, in sh. */
  withProcess(before = ''): this {
    const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey } = KEYS;
    const answer = JSON.stringify({ Version: 1, AccessKeyId, SecretAccessKey });
    const program = join(this.directory, 'bin', 'keys');
    const script = `#!/bin/sh\necho call >> '${this.#processCalls}'\n${before}\necho '${answer}'\n`;
    writeFileSync(program, script, { mode: 0o755 });
    return this.withConfig(`[profile process]\ncredential_process = ${program}\n`);
  }

  get processCalls(): number {
    return linesOf(this.#processCalls);
  }

  /** An `aws` that answers with tokens numbered in the order of its calls; `before` runs first, in sh. */
  withAws(before = ''): this {
    const script = `echo call >> '${this.#calls}'
${before}
date=$(date -u +%Y%m%dT%H%M%SZ); end=$(date -u -d '+14 minutes' +%Y-%m-%dT%H:%M:%SZ)
url="https://sts.us-east-1.amazonaws.com/?X-Amz-Date=$date&n=$$"
token=k8s-aws-v1.$(printf %s "$url" | base64 -w0 | tr '+/' '-_' | tr -d =)
printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","spec":{},"status":{"expirationTimestamp":"%s","token":"%s"}}' "$end" "$token"
`;
    writeAWSProgram(join(this.directory, 'bin', 'aws'), script);
    return this;
  }

  get awsCalls(): number {
    return linesOf(this.#calls);
  }

  mark(name: string): void {
    appendFileSync(join(this.directory, name), '');
  }
}

function linesOf(path: string): number {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0;
}
