import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MintMemory } from '../../../../src/aws/context/mint-memory.ts';
import { presignedToken } from '../../../../src/aws/sign/presigned-token.ts';
import { SigningKeyring } from '../../../../src/aws/sign/signing-keyring.ts';
import { parseExecConfig } from '../../../../src/aws/stanza/parse-exec-config.ts';
import { hostFrom } from '../../../../src/host.ts';
import { makeHome, type World } from '../../../support/aws-home.ts';
import { mintInProcess } from '../../../support/mint-in-process.ts';

const CREDENTIALS = `[default]
aws_access_key_id = AKIADEFAULT
aws_secret_access_key = EXAMPLEKEY-default
[other]
aws_access_key_id = AKIAOTHER
aws_secret_access_key = EXAMPLEKEY-other
`;

/** Who signs for what, said by the token itself. */
function said(token: string): string {
  const url = new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString());
  return `${url.host} ${url.searchParams.get('X-Amz-Credential')?.split('/')[0]}`;
}

/** One service that mints again and again. */
function service(world: World) {
  const memory = new MintMemory();
  return async (env: Readonly<Record<string, string>> = {}, args: readonly string[] = []) => {
    const config = parseExecConfig({ command: 'aws', args: ['eks', 'get-token', '--cluster-name', 'c', ...args] });
    const host = hostFrom({ env: { ...world.env, AWS_DEFAULT_REGION: 'us-west-2', ...env } });
    const minted = await mintInProcess({ config, host, memory });
    return minted.kind === 'minted' ? said(minted.token) : minted.reason;
  };
}

describe('a service that asks for the next token', () => {
  it('gets it for the identity of that moment, whatever has changed', async () => {
    const world = await makeHome({ '.aws/credentials': CREDENTIALS });
    const mint = service(world);
    const usual = 'sts.us-west-2.amazonaws.com AKIADEFAULT';
    expect(await mint()).toBe(usual);
    expect(await mint()).toBe(usual);
    expect(await mint({ AWS_PROFILE: 'other' })).toBe('sts.us-west-2.amazonaws.com AKIAOTHER');
    expect(await mint({ AWS_DEFAULT_REGION: 'eu-west-1' })).toBe('sts.eu-west-1.amazonaws.com AKIADEFAULT');
    expect(await mint({}, ['--region', 'eu-west-3'])).toBe('sts.eu-west-3.amazonaws.com AKIADEFAULT');
    expect(await mint()).toBe(usual);
    await writeFile(join(world.path, '.aws/config'), '[default]\nuse_dualstack_endpoint = true\n');
    expect(await mint()).toBe('sts.us-west-2.api.aws AKIADEFAULT');
    await writeFile(join(world.path, '.aws/credentials'), CREDENTIALS.replace('AKIADEFAULT', 'AKIAROTATED'));
    expect(await mint()).toBe('sts.us-west-2.api.aws AKIAROTATED');
    await mkdir(join(world.path, '.aws/cli'));
    await writeFile(join(world.path, '.aws/cli/alias'), '[toplevel]\neks = !echo\n');
    expect(await mint()).toContain('alias');
  });

  it('sees a variable change in an environment that stays the same object', async () => {
    const world = await makeHome({ '.aws/credentials': CREDENTIALS });
    const memory = new MintMemory();
    const env: Record<string, string> = { ...world.env, AWS_DEFAULT_REGION: 'us-west-2' };
    const config = parseExecConfig({ command: 'aws', args: ['eks', 'get-token', '--cluster-name', 'c'] });
    const seen: string[] = [];
    for (const profile of ['default', 'other']) {
      env.AWS_PROFILE = profile;
      const minted = await mintInProcess({ config, host: hostFrom({ env }), memory });
      seen.push(minted.kind === 'minted' ? said(minted.token) : minted.reason);
    }
    expect(seen).toEqual(['sts.us-west-2.amazonaws.com AKIADEFAULT', 'sts.us-west-2.amazonaws.com AKIAOTHER']);
  });

  it('reads each file again each time', async () => {
    const world = await makeHome({ '.aws/credentials': CREDENTIALS, id: 'one' });
    const memory = new MintMemory();
    const seen: string[] = [];
    for (const cluster of ['one', 'two']) {
      await writeFile(join(world.path, 'id'), cluster);
      const args = ['eks', 'get-token', '--cluster-id', `file://${join(world.path, 'id')}`, '--region', 'us-west-2'];
      const config = parseExecConfig({ command: 'aws', args });
      const host = hostFrom({ env: world.env, now: () => new Date('2026-01-02T03:04:05Z') });
      const minted = await mintInProcess({ config, host, memory });
      seen.push(minted.kind === 'minted' ? minted.token : minted.reason);
    }
    expect(new Set(seen).size).toBe(2);
  });
});

it('Signatures depend on each part of the keys, on the day and on the region, in whatever order they are made', () => {
  const keys = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'EXAMPLEKEY-1', sessionToken: 'session' };
  const at = new Date('2026-01-02T03:04:05Z');
  const sts = { url: 'https://sts.us-west-2.amazonaws.com', scopeRegion: 'us-west-2' };
  const keyring = new SigningKeyring();
  const sign = [
    () => presignedToken('c', sts, keys, at, 'aws-cli', keyring),
    () => presignedToken('c', sts, { ...keys, secretAccessKey: 'EXAMPLEKEY-2' }, at, 'aws-cli', keyring),
    () => presignedToken('c', sts, { ...keys, accessKeyId: 'AKIAOTHER' }, at, 'aws-cli', keyring),
    () => presignedToken('c', sts, { ...keys, sessionToken: 'other' }, at, 'aws-cli', keyring),
    () => presignedToken('c', sts, keys, new Date('2026-01-03T03:04:05Z'), 'aws-cli', keyring),
    () => presignedToken('c', { ...sts, scopeRegion: 'us-west-1' }, keys, at, 'aws-cli', keyring),
  ];
  const first = sign.map((one) => one());
  expect(new Set(first).size).toBe(sign.length);
  expect([...sign].reverse().map((one) => one())).toEqual([...first].reverse());
});
