import { Console } from 'node:console';
import { readFileSync } from 'node:fs';
import { type Logger, stderrLogger } from '../host.ts';
import { onAbort } from '../system/link-signals.ts';
import { type Command, defineCommand, EXIT, UsageError } from './command.ts';
import type { Options } from './command-line/options.ts';

const options = {
  root: { value: 'FOLDER', repeated: true, help: 'kubeconfig files below it may be registered by their path' },
  'trust-server': {
    value: 'URL=FILE',
    repeated: true,
    help: 'EKS tokens may go to this API server, whose certificate authority is in FILE (PEM)',
  },
  'trust-kubeconfig': {
    value: 'FILE',
    repeated: true,
    choices: 'kubeconfigs',
    help: 'your own file: the server of each of its EKS clusters is trusted for that cluster',
  },
  'roles-of-other-accounts': {
    help: 'a kubeconfig may name a role of another AWS account, which learns who asks',
  },
  'no-describe-cluster': {
    help: 'do not ask AWS about servers: only those that the other options name are trusted',
  },
} as const satisfies Options;

/** Clients log the stderr of their servers. Messages for the operator go there, also without --debug. */
const troubles: Logger = { ...stderrLogger, debug() {}, info() {} };

/** `ekspress mcp`. */
export const mcp: Command = defineCommand({
  name: 'mcp',
  group: 'Other',
  summary: 'EKS clusters for AI agents: a server of the Model Context Protocol',
  usage: ['[OPTIONS]'],
  options,
  globals: [],
  choices: () => [],
  about: [
    'It speaks over stdio. An agent can register clusters and ask about them; it never sees a token, cannot run programs, and tokens go only to servers that you trust.',
  ],
  examples: [
    'ekspress mcp --trust-kubeconfig ~/.kube/config',
    'claude mcp add eks -- ekspress mcp --trust-kubeconfig ~/.kube/config',
  ],
  async run({ values, words }, { env, logger, options: { debug }, signal }) {
    if (words.length > 0) throw new UsageError(`Unexpected argument '${words[0]}': mcp takes options only.`);
    // stdout belongs to the protocol: a console.log of a dependency would end the session.
    globalThis.console = new Console(process.stderr);
    const { startMCPServer } = await import('ekspress/mcp');
    const server = await startMCPServer({
      env,
      logger: debug ? logger : troubles,
      roots: values.root,
      trustedServers: values['trust-server']?.map(trustedServer),
      trustedKubeconfigs: values['trust-kubeconfig'],
      rolesOfOtherAccounts: values['roles-of-other-accounts'],
      describeClusters: !values['no-describe-cluster'],
    });
    onAbort(signal, () => void server.close());
    await server.closed;
    return EXIT.ok;
  },
});

/** `https://…=ca.pem`: an address alone is not enough. */
function trustedServer(value: string): { readonly server: string; readonly certificateAuthorityData: string } {
  const at = value.lastIndexOf('=');
  if (at < 1 || at === value.length - 1) {
    throw new UsageError(
      `--trust-server ${value} names no certificate authority: write --trust-server URL=FILE, or leave it out (DescribeCluster is asked).`,
    );
  }
  const file = value.slice(at + 1);
  try {
    return { server: value.slice(0, at), certificateAuthorityData: readFileSync(file).toString('base64') };
  } catch {
    throw new UsageError(`--trust-server: the file ${file} cannot be read.`);
  }
}
