import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasHyperfine, shortProcesses } from './processes.mjs';
import { entryPoint, openSandbox, plugin, root, words } from './sandbox.mjs';

/** A hit of the exec plugin, as a whole process, compared with the cheapest processes and with its rivals. */
export async function pluginHit() {
  const sandbox = openSandbox();
  try {
    const { TokenManager, parseExecConfig } = await import(entryPoint);
    const [command, ...args] = words;
    const { token } = await new TokenManager(parseExecConfig({ command, args }), { env: sandbox.env }).getToken();

    // With a Node that fails, only the script itself can answer from the entry; another token would not be the same.
    const failing = join(sandbox.home, 'failing');
    mkdirSync(failing);
    writeFileSync(join(failing, 'node'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const env = { ...sandbox.env, PATH: `${failing}:${sandbox.env.PATH}` };
    const answer = spawnSync(plugin, words, { env, encoding: 'utf8' });
    if (!answer.stdout.includes(token)) throw new Error(`this is not a hit: ${answer.stderr}`);

    const entry = join(
      sandbox.cache,
      readdirSync(sandbox.cache).find((name) => name.endsWith('.json')),
    );
    const rivals = rivalsOf(sandbox, entry);
    const commands = [
      { words: ['/bin/true'] },
      { words: ['/bin/sh', '-c', ':'] },
      { words: [plugin, ...words] },
      ...rivals,
    ];
    const [nothing, shell, hit, ...theirs] = shortProcesses(
      commands.map((one) => one.words),
      { env: { ...sandbox.env, PATH: process.env.PATH }, runs: commands.map(({ runs }) => runs ?? 60) },
    );
    const by = hasHyperfine ? 'hyperfine -N' : 'a loop in sh';
    const note = `entry of ${statSync(entry).size} bytes`;
    return [
      { id: 'true', what: '/bin/true', ms: nothing, note: by },
      { id: 'sh', what: 'sh -c :', ms: shell, ratio: shell / nothing, of: '/bin/true' },
      { id: 'hit', what: 'plugin, hit', ms: hit, ratio: hit / shell, of: 'sh -c :', limit: '<= 2.5', note },
      ...rivals.map(({ id, what, limit }, index) => ({
        id,
        what,
        ms: theirs[index],
        ratio: theirs[index] / hit,
        of: 'plugin, hit',
        ...(limit && { limit }),
      })),
    ];
  } finally {
    sandbox.close();
  }
}

/** Other ways to get the same token, all with a warm cache. Leaves out those whose programs are not installed. */
function rivalsOf(sandbox, entry) {
  const file = join(sandbox.home, '.kube', 'eks-token-cache', 'mycluster_default.json');
  mkdirSync(join(file, '..'), { recursive: true });
  cpSync(entry, file);
  const source = (name) => join(root, 'bench', 'rivals', name);
  const compiled = join(sandbox.home, 'print');
  const works = (command, ...args) => spawnSync(command, args, { env: sandbox.env, stdio: 'ignore' }).status === 0;
  const rivals = [
    {
      id: 'c',
      what: 'a C program that prints it',
      words: [compiled, entry],
      has: works('cc', '-O2', '-o', compiled, source('print.c')),
    },
    {
      id: 'bash-jq',
      what: 'bash + jq',
      words: [source('bash-jq.sh'), 'mycluster', 'us-west-2'],
      runs: 20,
      limit: '>= 20',
      has: works('bash', '--version') && works('jq', '--version'),
    },
    { id: 'node', what: 'a Node script', words: [process.execPath, source('print.mjs'), entry], runs: 10, has: true },
    { id: 'aws', what: 'aws eks get-token', words, runs: 2, has: works(...words) },
  ];
  for (const { what } of rivals.filter(({ has }) => !has)) console.log(`not measured: ${what}`);
  return rivals.filter(({ has }) => has);
}
