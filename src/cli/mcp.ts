import { Console } from 'node:console';
import { parseArgs } from 'node:util';
import { type Logger, stderrLogger } from '../host.ts';
import { onAbort } from '../system/link-signals.ts';
import { type Command, EXIT, UsageError } from './command.ts';

const help = `ekspress mcp: EKS clusters for AI agents, over the Model Context Protocol (stdio)

  ekspress mcp [--root FOLDER]… [--trust-server URL]… [--trust-kubeconfig FILE]… [--no-describe-cluster]

Options; all but the last may be repeated
  --root FOLDER              kubeconfig files below it may be registered by their path
  --trust-server URL         EKS tokens may go to this API server
  --trust-kubeconfig FILE    your own file: the server of each of its EKS clusters is trusted for that cluster
  --no-describe-cluster      ask AWS about no server: only those that the other options name are trusted

An agent can register clusters and ask about them; it never sees a token, runs no program, and has no token sent where
you have not said.

Example
  ekspress mcp --trust-kubeconfig ~/.kube/config
`;

/** Clients keep the stderr of their servers: what an operator has to know stands there, also without --debug. */
const troubles: Logger = { ...stderrLogger, debug() {}, info() {} };

/** `ekspress mcp`. */
export const mcp: Command = {
  name: 'mcp',
  summary: 'a server of the Model Context Protocol for AI agents',
  help,
  async run(words, { env, logger, options, signal }) {
    const repeated = { type: 'string', multiple: true, default: [] } as {
      type: 'string';
      multiple: true;
      default: string[];
    };
    const { values, positionals } = parseArgs({
      args: [...words],
      options: {
        root: repeated,
        'trust-server': repeated,
        'trust-kubeconfig': repeated,
        'no-describe-cluster': { type: 'boolean', default: false },
      },
      allowPositionals: true,
    });
    if (positionals.length > 0) throw new UsageError(`What is '${positionals[0]}' to be? mcp takes options only.`);
    // stdout belongs to the protocol: whatever a dependency prints by console.log would end the session.
    globalThis.console = new Console(process.stderr);
    const { startMCPServer } = await import('ekspress/mcp');
    const server = await startMCPServer({
      env,
      logger: options.debug ? logger : troubles,
      roots: values.root,
      trustedServers: values['trust-server'],
      trustedKubeconfigs: values['trust-kubeconfig'],
      describeClusters: !values['no-describe-cluster'],
    });
    onAbort(signal, () => void server.close());
    await server.closed;
    return EXIT.ok;
  },
};
