import { parseArgs } from 'node:util';
import { type Command, EXIT, UsageError } from './command.ts';

const help = `ekspress mcp: EKS clusters for AI agents, over the Model Context Protocol (stdio)

  ekspress mcp [--root FOLDER]… [--trust-server URL]… [--trust-kubeconfig FILE]…

Options, each may be repeated
  --root FOLDER              kubeconfig files below it may be registered by their path
  --trust-server URL         EKS tokens may go to this API server
  --trust-kubeconfig FILE    your own file: the server of each of its EKS clusters is trusted for that cluster

An agent can register clusters and ask about them; it never sees a token, runs no program, and has no token sent where
you have not said.

Example
  ekspress mcp --trust-kubeconfig ~/.kube/config
`;

/** `ekspress mcp`. */
export const mcp: Command = {
  name: 'mcp',
  summary: 'a server of the Model Context Protocol for AI agents',
  help,
  async run(words, { env, logger, signal }) {
    const repeated = { type: 'string', multiple: true, default: [] } as {
      type: 'string';
      multiple: true;
      default: string[];
    };
    const { values, positionals } = parseArgs({
      args: [...words],
      options: { root: repeated, 'trust-server': repeated, 'trust-kubeconfig': repeated },
      allowPositionals: true,
    });
    if (positionals.length > 0) throw new UsageError(`What is '${positionals[0]}' to be? mcp takes options only.`);
    const { startMCPServer } = await import('ekspress/mcp');
    const server = startMCPServer({
      env,
      logger,
      roots: values.root,
      trustedServers: values['trust-server'],
      trustedKubeconfigs: values['trust-kubeconfig'],
    });
    signal.addEventListener('abort', () => void server.close(), { once: true });
    await server.closed;
    return EXIT.ok;
  },
};
