import { isBuiltin } from 'node:module';
import { expect, it } from 'vitest';
import { packageFile } from '../../../src/plugin/package-file.ts';
import { NOWHERE } from '../../support/paths.ts';
import { run } from '../../support/script-shells.ts';

const main = packageFile('dist/exec/main.cjs');

it('The Node half of the plugin loads no package at its start, and no module of Node that brings half of Node along', async () => {
  const program = `
    const { Module } = require('node:module');
    const load = Module._load;
    const loaded = [];
    Module._load = (...args) => (loaded.push(args[0]), load(...args));
    process.argv.splice(1, 1, 'main', 'unknown');
    require(${JSON.stringify(main)});
    console.log(loaded.filter((name) => name !== ${JSON.stringify(main)}).join());`;
  const { stdout, stderr } = await run([process.execPath, '-e', program], { HOME: NOWHERE });
  const loaded = stdout.trim().split(',');
  expect(stderr).toBe('');
  expect(loaded.length).toBeGreaterThan(3);
  expect(loaded.filter((name) => !isBuiltin(name))).toEqual([]);
  // From Node 22 on these load worker threads with them; an earlier Node does not show it.
  expect(loaded.filter((name) => /^(node:)?(util|worker_threads|https?|tls)$/.test(name))).toEqual([]);
});

it('A token for static keys needs neither HTTP nor TLS, and prints nothing but the token', async () => {
  const program = `
    process.argv.splice(1, 1, 'main', ...${JSON.stringify(['aws', 'eks', 'get-token', '--cluster-name', 'dev'])});
    await import(${JSON.stringify(main)});
    while (process.exitCode === undefined) await new Promise(setImmediate);
    console.log(process.moduleLoadList.filter((name) => /NativeModule (https?|http2|tls|inspector|worker_threads)$/.test(name)).join());`;
  const env = {
    HOME: NOWHERE,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'EXAMPLEKEY',
  };
  const { stdout, stderr } = await run([process.execPath, '--input-type=module', '-e', program], env);
  const [answer = '', loaded] = stdout.split('\n');
  expect(JSON.parse(answer).status.token).toMatch(/^k8s-aws-v1\./);
  expect({ loaded, stderr }).toEqual({ loaded: '', stderr: '' });
});
