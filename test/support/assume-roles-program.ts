import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

// A process that assumes roles with a given environment, and notes what of its own it looks at on the way:
// argv = the given environment as JSON, the profiles to mint with.
const variables = new Set<string>();
const files = new Set<string>();

process.env = new Proxy(process.env, {
  get: (env, name) => {
    variables.add(String(name));
    return Reflect.get(env, name);
  },
  has: (env, name) => {
    variables.add(String(name));
    return Reflect.has(env, name);
  },
  ownKeys: (env) => {
    variables.add('all of it');
    return Reflect.ownKeys(env);
  },
});
for (const module of [fs, fs.promises] as unknown as Record<string, (...args: unknown[]) => unknown>[]) {
  for (const name of [
    'open',
    'openSync',
    'readFile',
    'readFileSync',
    'stat',
    'statSync',
    'access',
    'createReadStream',
  ]) {
    const original = module[name];
    if (!original) continue;
    module[name] = (...args) => {
      if (typeof args[0] === 'string') files.add(args[0]);
      return original.apply(module, args);
    };
  }
}
syncBuiltinESMExports();

const { mintInProcess } = await import('./mint-in-process.ts');
const { parseExecConfig } = await import('../../src/aws/stanza/parse-exec-config.ts');
const { hostFrom } = await import('../../src/host.ts');

const env = JSON.parse(process.argv[2] ?? '{}');
const minted: string[] = [];
for (const profile of process.argv.slice(3)) {
  const args = ['eks', 'get-token', '--cluster-name', 'c', '--profile', profile];
  const config = parseExecConfig({ command: 'aws', args }, { cliVersion: 'v1' });
  const outcome = await mintInProcess({ config, host: hostFrom({ env }) });
  minted.push(outcome.kind === 'minted' ? outcome.source.kind : outcome.reason);
}
console.log(JSON.stringify({ minted, variables: [...variables], files: [...files] }));
