import { readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { parseExecConfig } from '../../../../src/aws/stanza/parse-exec-config.ts';
import { TokenManager } from '../../../../src/aws/token/token-manager.ts';
import { mint } from '../../../support/aws-home.ts';
import { FakeHome } from '../../../support/fake-aws-home.ts';

// A path that begins in the working directory names another file in every folder: what came of it is kept for nobody.

/** How many tokens are kept after one was made by this command, with these flags. */
async function kept(home: FakeHome, flags: readonly string[], command = 'aws'): Promise<number> {
  const args = ['eks', 'get-token', '--region', 'us-east-1', ...flags];
  await new TokenManager(parseExecConfig({ command, args }), { env: home.env }).getValidToken();
  return readdirSync(home.directory, { recursive: true }).filter((name) => /eks-tokens.*\.json$/.test(`${name}`))
    .length;
}

const here = (path: string): string => relative(process.cwd(), path);

it('An argument that is read from a relative file belongs to the folder that the process works in', async () => {
  const home = new FakeHome().withStaticKeys();
  const file = join(home.directory, 'cluster');
  writeFileSync(file, 'dev');
  expect(await kept(home, ['--cluster-name', `file://${here(file)}`])).toBe(0);
  expect(await kept(home, ['--cluster-name', `file://${file}`])).toBe(1);
});

it('A credential_process with a relative path belongs to the folder that the process works in', async () => {
  const home = new FakeHome().withProcess();
  const program = join(home.directory, 'bin/keys');
  const flags = ['--cluster-name', 'dev', '--profile', 'process'];
  home.withConfig(`[profile process]\ncredential_process = ${here(program)}\n`);
  expect(await kept(home, flags)).toBe(0);
  home.withConfig(`[profile process]\ncredential_process = ${program}\n`);
  expect(await kept(home, flags)).toBe(1);
});

it('A command with a relative path belongs to the folder that the process works in', async () => {
  const home = new FakeHome().withStaticKeys().withAws();
  const program = join(home.directory, 'bin/aws');
  expect(await kept(home, ['--cluster-name', 'dev'], here(program))).toBe(0);
  expect(await kept(home, ['--cluster-name', 'dev'], program)).toBe(1);
});

it('A web identity token with a relative path belongs to the folder that the process works in', async () => {
  const home = new FakeHome();
  const file = join(home.directory, 'token');
  writeFileSync(file, 'x');
  const role = 'role_arn = arn:aws:iam::123456789012:role/pod';
  home.withConfig(`[default]\nregion = us-east-1\n${role}\nweb_identity_token_file = ${here(file)}\n`);
  const { read } = await mint({ path: home.directory, env: home.env });
  expect(read).toContain(file);
});
