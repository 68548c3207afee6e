import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hasHyperfine, shortProcesses } from './processes.mjs';
import { entryPoint, openSandbox, plugin, words } from './sandbox.mjs';

/** A hit of the exec plugin, as a whole process, next to the cheapest processes that there are. */
export async function pluginHit() {
  const sandbox = openSandbox();
  try {
    const { TokenManager, parseExecConfig } = await import(entryPoint);
    const [command, ...args] = words;
    const { token } = await new TokenManager(parseExecConfig({ command, args }), { env: sandbox.env }).getToken();

    // With an empty PATH there is no Node to fall back on: whoever answers now, answers from the entry.
    const env = { ...sandbox.env, PATH: '/nowhere' };
    const answer = spawnSync(plugin, words, { env, encoding: 'utf8' });
    if (!answer.stdout.includes(token)) throw new Error(`this is no hit: ${answer.stderr}`);

    const entry = readdirSync(sandbox.cache).find((name) => name.endsWith('.json'));
    const { size } = statSync(join(sandbox.cache, entry));
    const [nothing, shell, hit] = shortProcesses([['/bin/true'], ['/bin/sh', '-c', ':'], [plugin, ...words]], {
      env: { ...sandbox.env, PATH: process.env.PATH },
    });
    const by = hasHyperfine ? 'hyperfine -N' : 'a loop in sh';
    return [
      { what: '/bin/true', ms: nothing, note: by },
      { what: 'sh -c :', ms: shell, ratio: shell / nothing, of: '/bin/true' },
      {
        what: 'plugin, hit',
        ms: hit,
        ratio: hit / shell,
        of: 'sh -c :',
        limit: '<= 2.5',
        note: `entry of ${size} bytes`,
      },
    ];
  } finally {
    sandbox.close();
  }
}
