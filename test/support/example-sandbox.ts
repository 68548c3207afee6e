import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type LocalEKS, startLocalEKS } from 'ekspress/testing';
import { writeAWSProgram } from './aws-program.ts';
import { optionalProgram } from './optional-programs.ts';
import { expectOwnWords } from './own-words.ts';
import { root } from './pages.ts';
import { PATH } from './paths.ts';

/** A home in which the commands of the documentation can be typed. */
export interface Sandbox extends AsyncDisposable {
  readonly home: string;
  readonly eks: LocalEKS;
  /** Runs lines as a reader's shell does, ending at the first that fails. @param folder default: the home */
  type(lines: string, folder?: string): Promise<{ readonly status: number; readonly output: string }>;
}

/** What stands for programs that are not ours: enough to see that a command is spelled as it has to be. */
const STAND_INS: Readonly<Record<string, string>> = {
  ekspress: `exec "$NODE" "$PACKAGE/dist/cli/main.js" "$@"`,
  npm: `exec "$NODE" "$PACKAGE/test/support/npm-stand-in.mjs" "$@"`,
  aws: `case "$*" in
  'eks update-kubeconfig --name dev --region us-east-1'*) cp "$HOME/.kube/as-aws-writes-it" "$HOME/.kube/config" ;;
  *'eks get-token'*) exec ekspress token -- aws "$@" ;;
  'sso login --profile '*|'sso login') echo 'Successfully logged into Start URL' ;;
  'sts get-caller-identity'*) echo '{"Arn": "arn:aws:iam::123456789012:user/admin"}' ;;
  'eks describe-cluster --name dev'*) echo "{}" ;;
  *) echo "aws: no $*" >&2; exit 252 ;;
esac`,
  claude: `[ "$1 $2" = 'mcp add' ] || exit 1`,
};

export async function openSandbox(): Promise<Sandbox> {
  const home = await mkdtemp(join(tmpdir(), 'ekspress-reader-'));
  const runtime = await mkdtemp(join(tmpdir(), 'ekspress-runtime-'));
  const eks = await startLocalEKS();
  await eks.writeAWSFiles(home, { region: 'us-east-1' });
  await mkdir(join(home, '.kube'));
  const kubeconfig = join(home, '.kube', 'as-aws-writes-it');
  await writeFile(kubeconfig, eks.kubeconfig(), { mode: 0o600 });
  await copyFile(kubeconfig, join(home, '.kube', 'config'));
  const bin = join(home, 'bin');
  await mkdir(bin);
  for (const [name, body] of Object.entries(STAND_INS)) {
    if (name === 'aws') writeAWSProgram(join(bin, name), body);
    else await writeFile(join(bin, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  }
  const path = [bin, PATH].join(delimiter);
  const kubectl = optionalProgram('kubectl');
  if (kubectl !== undefined) await symlink(kubectl, join(bin, 'kubectl'));
  else await writeFile(join(bin, 'kubectl'), '#!/bin/sh\necho "skipped: no kubectl"\n', { mode: 0o755 });
  const own = { NODE: process.execPath, PACKAGE: root };
  const env = { HOME: home, XDG_RUNTIME_DIR: runtime, PATH: path, TERM: 'dumb', NO_COLOR: '1', ...own };
  return {
    home,
    eks,
    type: (lines, folder = home) =>
      new Promise((resolve, reject) => {
        execFile('sh', ['-euc', lines], { cwd: folder, env, timeout: 60_000 }, (error, stdout, stderr) => {
          try {
            expectOwnWords(stderr, { debug: /(EKSPRESS|EKS_TOKEN)_DEBUG=1|--debug\b/.test(lines) });
          } catch (foreign) {
            reject(foreign);
          }
          const status = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1;
          resolve({ status, output: stdout + stderr });
        });
      }),
    async [Symbol.asyncDispose]() {
      await eks.close();
      for (const folder of [home, runtime]) await rm(folder, { recursive: true, force: true });
    },
  };
}
