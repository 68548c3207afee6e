import { VERSION } from '../text/version.ts';
import { type Command, defineCommand, EXIT, UsageError } from './command.ts';
import { printResult } from './terminal/print-result.ts';

/** `ekspress version`. */
export const version: Command = defineCommand({
  name: 'version',
  group: 'Other',
  summary: 'show the version',
  usage: [''],
  options: {},
  globals: ['output'],
  choices: () => [],
  examples: ['ekspress version', 'ekspress version -o json | jq -r .version'],
  async run({ words }, terminal) {
    if (words.length > 0) throw new UsageError(`Unexpected argument '${words[0]}': version takes none.`);
    printResult(terminal, { version: VERSION, node: process.versions.node }, () => `${VERSION}\n`);
    return EXIT.ok;
  },
});
