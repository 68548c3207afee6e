import { cpSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFile } from '../../src/plugin/package-file.ts';
import { execOf } from './kubeconfig-judge.ts';
import { temporaryFolder } from './temporary.ts';
import { onWindows, type WindowsOutcome, type WindowsProgram, windowsPath } from './wine.ts';

/** A PATH with the programs of Windows alone. */
export const MINIMAL = 'C:\\windows\\system32';
/** The kubeconfig of a {@link Machine}. */
export const ORIGINAL = `apiVersion: v1
kind: Config
clusters:
- {name: dev, cluster: {server: "https://dev.example"}}
contexts:
- {name: dev, context: {cluster: dev, user: dev}} # mine
current-context: dev
users:
- name: dev
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      command: aws # the CLI
      args: [--region, us-east-1, eks, get-token, --cluster-name, dev]
      env:
      - {name: AWS_PROFILE, value: reader}
`;
const EXEC_INFO = JSON.stringify({
  kind: 'ExecCredential',
  apiVersion: 'client.authentication.k8s.io/v1beta1',
  spec: { interactive: false },
});

/** A person's machine: a home with a blank in its name, a folder of PATH with a batch file called aws, and the package. */
export class Machine {
  readonly root: string = temporaryFolder('windows-machine');
  readonly home: string = join(this.root, 'Kim Lee');
  readonly bin: string = join(this.root, 'bin');
  readonly package: string = join(this.root, 'npm', 'ekspress');

  constructor() {
    for (const folder of ['.kube', '.aws']) mkdirSync(join(this.home, folder), { recursive: true });
    mkdirSync(this.bin);
    writeFileSync(this.kubeconfig, ORIGINAL);
    const keys = (name: string, id: string) =>
      `[${name}]\naws_access_key_id = ${id}\naws_secret_access_key = EXAMPLEKEY\n`;
    writeFileSync(
      join(this.home, '.aws', 'credentials'),
      keys('default', 'AKIADEFAULT') + keys('reader', 'AKIAREADER'),
    );
    // Any program will do for one that may be the AWS CLI.
    linkSync(process.env.EKSPRESS_TEST_WINDOWS_NODE ?? '', join(this.bin, 'aws.exe'));
    for (const part of ['package.json', 'bin', 'dist', 'node_modules/yaml']) {
      cpSync(packageFile(part), join(this.package, part), { recursive: true });
    }
  }

  /** Puts a batch file in the place of the program called aws. */
  useBatchFile(): void {
    rmSync(join(this.bin, 'aws.exe'));
    const token = `k8s-aws-v1.${Buffer.from('https://sts/?X-Amz-Credential=BATCHFILE%2F').toString('base64url')}`;
    const answer = {
      kind: 'ExecCredential',
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      status: { token, expirationTimestamp: '2099-01-01T00:00:00Z' },
    };
    writeFileSync(join(this.bin, 'aws.cmd'), `@echo ${JSON.stringify(answer)}\r\n`);
  }

  get kubeconfig(): string {
    return join(this.home, '.kube', 'config');
  }

  /** Replaces the kubeconfig. */
  write(kubeconfig: string): void {
    writeFileSync(this.kubeconfig, kubeconfig);
  }

  file(name: string): string {
    return join(this.home, '.kube', 'ekspress', name);
  }

  get env(): Record<string, string> {
    return {
      USERPROFILE: windowsPath(this.home),
      Path: `${windowsPath(this.bin)};${MINIMAL}`,
      TEMP: windowsPath(this.root),
    };
  }

  /** The manager. */
  ekspress(...args: string[]): WindowsProgram {
    return { args: [windowsPath(join(this.package, 'dist', 'cli', 'main.js')), ...args], env: this.env };
  }

  /** What kubectl starts. */
  stanza(pauseMs = 0): WindowsProgram {
    const { command, args, env } = execOf(readFileSync(this.kubeconfig, 'utf8'), 'dev');
    const variables = (env as { name: string; value: string }[]).map(({ name, value }) => [name, value]);
    return {
      program: String(command),
      args: (args ?? []).map(String),
      env: {
        ...this.env,
        NODE_OPTIONS: '--require=C:\\stranger.cjs',
        ...Object.fromEntries(variables),
        KUBERNETES_EXEC_INFO: EXEC_INFO,
      },
      pauseMs,
    };
  }

  /** Removes the tokens that are there. */
  forget(): void {
    rmSync(join(this.home, '.kube', 'cache'), { recursive: true, force: true });
  }
}

/** Runs one program. */
export async function one(program: WindowsProgram): Promise<WindowsOutcome> {
  const [outcome] = await onWindows([program]);
  if (outcome === undefined) throw new Error('the program did not run');
  return outcome;
}
