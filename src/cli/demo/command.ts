import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, defineCommand, EXIT, UsageError } from '../command.ts';
import { runDemo } from './story.ts';

/** `ekspress demo`. */
export const demo: Command = defineCommand({
  name: 'demo',
  group: 'Other',
  summary: 'see it work on a local stand-in for EKS, no AWS needed',
  usage: [''],
  options: {},
  globals: [],
  choices: () => [],
  about: [
    'Starts an API server on loopback that verifies tokens as EKS does, registers a kubeconfig, mints a token in-process, lists pods, and lets kubectl (where it is installed) use the very same token from the shared cache. Needs no AWS account and leaves nothing behind.',
  ],
  examples: ['ekspress demo', 'npm run demo   # in a clone'],
  async run({ words }, terminal) {
    if (words.length > 0) throw new UsageError(`Unexpected argument '${words[0]}': demo takes none.`);
    const home = await mkdtemp(join(tmpdir(), 'ekspress-demo-'));
    try {
      await runDemo(home, terminal);
      return EXIT.ok;
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  },
});
