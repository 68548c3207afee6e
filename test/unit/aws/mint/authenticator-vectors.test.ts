import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { HTTPRequest, HTTPTransport } from '../../../../src/aws/http/transport.ts';
import { ReleaseNotes } from '../../../../src/aws/program/release-notes.ts';
import { parseExecConfig } from '../../../../src/aws/stanza/parse-exec-config.ts';
import { hostFrom } from '../../../../src/host.ts';
import {
  type AuthenticatorRequest,
  type AuthenticatorVector,
  authenticatorVectors,
} from '../../../support/authenticator-vectors.ts';
import { makeHome } from '../../../support/aws-home.ts';
import { mintInProcess } from '../../../support/mint-in-process.ts';

const VECTORS = authenticatorVectors();

it.each(VECTORS.map((vector, index) => [index, vector] as const))(
  'The token is that of aws-iam-authenticator, after the same requests: vector %i',
  async (_, vector) => {
    const { path, env } = await makeHome(vector.files, vector.env);
    const releases = await installed(join(path, 'bin'), vector.release);
    const { transport, requests } = recordingSTS(vector.userId);
    const minted = await mintInProcess({
      config: parseExecConfig({ command: 'aws-iam-authenticator', args: vector.args }),
      host: hostFrom({ env: { ...env, PATH: join(path, 'bin') }, now: () => dateOf(vector.url) }),
      transport,
      releases,
    });
    expect(requests).toEqual(vector.requests);
    const url = Buffer.from('token' in minted ? (minted.token.split('.')[1] ?? '') : '', 'base64url').toString();
    expect(comparable(url, vector)).toBe(comparable(vector.url, vector));
  },
);

/** Releases before 0.6.14 say `X-Amz-Expires=0`, a number that no cluster looks at. */
function comparable(url: string, { release }: AuthenticatorVector): string {
  return release.startsWith('0.7') ? url : url.replace(/&X-Amz-(?:Expires|Signature)=\w+/g, '');
}

/** A program that has told its release before. */
async function installed(folder: string, release: string): Promise<ReleaseNotes> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'aws-iam-authenticator'), Buffer.from('\x7fELF\0'), { mode: 0o755 });
  class Told extends ReleaseNotes {
    override async read(): Promise<string> {
      return release;
    }
  }
  return new Told(folder);
}

/** The `X-Amz-Date` of a signed URL. */
function dateOf(url: string): Date {
  const [, day = '', time = ''] = /X-Amz-Date=(\d{8})T(\d{6})Z/.exec(url) ?? [];
  return new Date(`${day.replace(/(....)(..)(..)/, '$1-$2-$3')}T${time.replace(/(..)(..)(..)/, '$1:$2:$3')}Z`);
}

/** STS whose credentials follow from the request, as where the vectors were recorded. */
function recordingSTS(userId: string): { transport: HTTPTransport; requests: AuthenticatorRequest[] } {
  const requests: AuthenticatorRequest[] = [];
  const transport: HTTPTransport = async (request) => {
    const asked = noted(request);
    requests.push(asked);
    const action = asked.form.Action ?? '';
    const inside = action === 'GetCallerIdentity' ? identity(userId) : credentials(asked);
    const body = `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>${inside}</${action}Result></${action}Response>`;
    return { status: 200, headers: { 'content-type': 'text/xml' }, body };
  };
  return { transport, requests };
}

function noted({ url, body, headers }: HTTPRequest): AuthenticatorRequest {
  const form = Object.fromEntries([...new URLSearchParams(body)].sort(([one], [other]) => (one < other ? -1 : 1)));
  const name = form.RoleSessionName?.replace(/^(aws-go-sdk-|)\d{19}$/, '$1NANOS');
  const signer = /Credential=([^,]+),/.exec(headers.authorization ?? '')?.[1]?.replace(/\/\d{8}\//, '/') ?? '';
  return { host: new URL(url).host, form: { ...form, ...(name !== undefined && { RoleSessionName: name }) }, signer };
}

function identity(userId: string): string {
  return `<UserId>${userId}</UserId><Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/u</Arn>`;
}

function credentials({ form, signer }: AuthenticatorRequest): string {
  const parts = JSON.stringify([JSON.stringify(form), signer]);
  const id = `ASIA${createHash('sha256').update(parts).digest('hex').slice(0, 16).toUpperCase()}`;
  return `<Credentials><AccessKeyId>${id}</AccessKeyId><SecretAccessKey>s${id}</SecretAccessKey>
    <SessionToken>t/${id}==</SessionToken><Expiration>2036-01-01T00:00:00Z</Expiration></Credentials>
    <AssumedRoleUser><AssumedRoleId>AROAX:s</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn></AssumedRoleUser>`;
}
