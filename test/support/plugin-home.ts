import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KubeConfig } from '@kubernetes/client-node';
import type { LocalAWS, LocalIdentityFacts } from '../../src/testing/index.ts';
import type { ApiServer } from '../setup/api-server.ts';
import { writeAWSProgram } from './aws-program.ts';
import { expectOwnWords, isDebugged, type Started } from './own-words.ts';

/** The script as it lies in the package. */
export const PLUGIN: string = fileURLToPath(new URL('../../bin/ekspress-exec', import.meta.url));

export interface Outcome {
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** The `exec` of a user in a kubeconfig. */
export interface Stanza {
  readonly command?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end with exactly this environment. @param started what may stand on its stderr */
export function run(
  [program = '', ...args]: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  started: Started = isDebugged(env),
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...env }, timeout: 120_000, maxBuffer: 1 << 24 };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      try {
        expectOwnWords(stderr, started);
      } catch (foreign) {
        reject(foreign);
      }
      resolve({ status: error ? (error.code ?? error.signal ?? 'failed') : 0, stdout, stderr });
    });
    child.stdin?.end();
  });
}

/** What kubectl prints where the server knows somebody who may not list namespaces: the server's own word for who it is. */
export function seenAs({ stderr }: Outcome): string {
  return /User "([^"]+)" cannot list resource "namespaces"/.exec(stderr)?.[1] ?? stderr;
}

/** The words of an original command, with the plugin in front. */
export const GET_TOKEN: readonly string[] = [
  'aws',
  '--region',
  'us-east-1',
  'eks',
  'get-token',
  '--cluster-name',
  'dev',
  '--output',
  'json',
];

/** One person's home, with kubeconfigs for the API server of the suite. */
export class PluginWorld {
  readonly home: string = mkdtempSync(join(tmpdir(), 'ekspress-plugin-'));
  readonly cache: string = join(this.home, '.kube', 'cache', 'eks-tokens');
  readonly #server: ApiServer | null;

  constructor(server: ApiServer | null) {
    this.#server = server;
    for (const folder of ['.aws', '.kube', 'bin']) mkdirSync(join(this.home, folder), { mode: 0o700 });
  }

  /** PATH: the home's own `bin` first, then Node, then the system's. */
  get env(): Record<string, string> {
    const path = [join(this.home, 'bin'), dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'];
    return { HOME: this.home, PATH: path.join(':') };
  }

  write(name: string, text: string): string {
    const path = join(this.home, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    renameSync(`${path}.new`, path);
    return path;
  }

  /** An `aws` is the AWS CLI as a version manager puts it in place; any other script of that name is a stranger. */
  executable(name: string, body: string): string {
    if (basename(name) === 'aws') return writeAWSProgram(join(this.home, 'bin', name), body);
    const path = this.write(join('bin', name), `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  /** `[name]` with its keys, for each. */
  writeCredentials(profiles: Readonly<Record<string, LocalIdentityFacts>>): void {
    const sections = Object.entries(profiles).map(
      ([name, { accessKeyId, secretAccessKey }]) =>
        `[${name}]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
    );
    this.write('.aws/credentials', sections.join('\n'));
  }

  /** A kubeconfig for the API server whose user is this stanza: the plugin before `aws eks get-token` unless it says otherwise. */
  kubeconfig(name: string, { command = PLUGIN, args = GET_TOKEN, env = {} }: Stanza = {}): string {
    const config = new KubeConfig();
    config.loadFromFile(join(this.#server?.folder ?? '', 'kc', 'static.yaml'));
    const cluster = config.getCurrentCluster();
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      command,
      args,
      env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
    };
    const text = JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'dev', cluster: { server: cluster?.server, 'certificate-authority-data': cluster?.caData } }],
      contexts: [{ name: 'dev', context: { cluster: 'dev', user: 'dev' } }],
      'current-context': 'dev',
      users: [{ name: 'dev', user: { exec } }],
    });
    return this.write(`${name}.kubeconfig`, text);
  }

  /** How the plugin reaches a local AWS under AWS's own names. */
  async behind(aws: LocalAWS): Promise<Record<string, string>> {
    const proxy = await aws.startProxy();
    const bundle = this.write('authority.pem', aws.certificateAuthority);
    return { HTTPS_PROXY: proxy.url, AWS_CA_BUNDLE: bundle, NO_PROXY: '127.0.0.1' };
  }

  /** What kubectl remembers of the server: without it, it asks for everything again, with the token it gets. */
  forgetDiscovery(): void {
    for (const name of ['discovery', 'http'])
      rmSync(join(this.home, '.kube/cache', name), { recursive: true, force: true });
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Who the authenticator of the API server knows; it reads them anew for every token. */
export class KnownKeys {
  readonly #path: string;
  readonly #added = new Set<string>();

  constructor(server: ApiServer) {
    this.#path = join(server.folder, 'creds.json');
  }

  add(...identities: readonly LocalIdentityFacts[]): void {
    this.#change((known) => {
      for (const { accessKeyId, secretAccessKey, sessionToken = null, arn, groups = [] } of identities) {
        known[accessKeyId] = { secret: secretAccessKey, session: sessionToken, user: arn, groups };
        this.#added.add(accessKeyId);
      }
    });
  }

  /** From now on their tokens are refused. */
  revoke(...accessKeyIds: readonly string[]): void {
    this.#change((known) => {
      for (const accessKeyId of accessKeyIds) delete known[accessKeyId];
    });
  }

  /** What that AWS hands out is known before anybody can show it. */
  addWhatIsIssuedBy(aws: LocalAWS): void {
    const { identities } = aws.world;
    const issue = identities.issue;
    identities.issue = (identity) => {
      issue(identity);
      this.add(identity);
    };
  }

  /** Leaves it as it was found. */
  forget(): void {
    this.revoke(...this.#added);
  }

  #change(edit: (known: Record<string, unknown>) => void): void {
    const known = JSON.parse(readFileSync(this.#path, 'utf8')) as Record<string, unknown>;
    edit(known);
    writeFileSync(`${this.#path}.new`, JSON.stringify(known));
    renameSync(`${this.#path}.new`, this.#path);
  }
}

/** Somebody with lasting keys of the tests' own. */
export function somebody(name: string, groups: readonly string[] = []): Omit<LocalIdentityFacts, 'sessionToken'> {
  return {
    accessKeyId: `AKIA${name.toUpperCase().padEnd(9, 'X')}EXAMPLE`,
    secretAccessKey: `${name.padEnd(30, '0')}EXAMPLEKEY`,
    arn: `arn:aws:iam::123456789012:user/${name}`,
    groups,
  };
}
