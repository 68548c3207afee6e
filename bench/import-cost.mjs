import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { longProcesses } from './processes.mjs';
import { entryPoint, openSandbox } from './sandbox.mjs';

/** The time that `import 'ekspress'` adds to the start of a program. */
export async function importCost() {
  const sandbox = openSandbox();
  try {
    const bare = join(sandbox.home, 'bare.mjs');
    const importing = join(sandbox.home, 'importing.mjs');
    writeFileSync(bare, '');
    writeFileSync(importing, `import ${JSON.stringify(entryPoint)};\n`);
    const commands = [bare, importing].map((file) => [process.execPath, file]);
    const [without, withIt] = longProcesses(commands, { env: sandbox.env, runs: 25 });
    return [
      { what: 'an empty module', ms: without },
      { what: "import 'ekspress'", ms: withIt, ratio: withIt / without, of: 'an empty module' },
      { what: '  of that, the import', ms: withIt - without, limit: '<= 60 ms' },
    ];
  } finally {
    sandbox.close();
  }
}
