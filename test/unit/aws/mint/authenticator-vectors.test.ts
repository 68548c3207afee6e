import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { HTTPTransport } from '../../../../src/aws/http/transport.ts';
import type { InProcessMint, Undecided } from '../../../../src/aws/mint/in-process-mint.ts';
import { ReleaseNotes } from '../../../../src/aws/program/release-notes.ts';
import { parseExecConfig } from '../../../../src/aws/stanza/parse-exec-config.ts';
import { EKSAuthError } from '../../../../src/errors.ts';
import { hostFrom } from '../../../../src/host.ts';
import {
  type AuthenticatorRequest,
  type AuthenticatorVector,
  authenticatorVectors,
  comparableURL,
  dateOfURL,
  stanzaOf,
} from '../../../support/authenticator-vectors.ts';
import { makeHome } from '../../../support/aws-home.ts';
import { mintInProcess } from '../../../support/mint-in-process.ts';
import { answerOf, notedSTSRequest } from '../../../support/sts-behind-proxy.ts';

const VECTORS = authenticatorVectors();

it.each(VECTORS.map((vector, index) => [index, vector] as const))(
  'The token is that of aws-iam-authenticator, after the same requests, and where it makes none there is none: vector %i',
  async (_, vector) => {
    const { minted, requests } = await play(vector);
    expect(minted).not.toMatchObject({ kind: 'undecided' });
    const { url: theirs } = vector;
    if (theirs === undefined) return expect(minted).toBeInstanceOf(EKSAuthError);
    expect(requests).toEqual(vector.requests);
    const url = Buffer.from('token' in minted ? (minted.token.split('.')[1] ?? '') : '', 'base64url').toString();
    expect(comparableURL(url, theirs)).toBe(comparableURL(theirs, theirs));
  },
);

it('A session name of one character is left to aws-iam-authenticator, of which some releases refuse it', async () => {
  const args = [
    'token',
    '-i',
    'dev',
    '-r',
    'arn:aws:iam::123456789012:role/r',
    '--region',
    'us-east-1',
    '--forward-session-name',
  ];
  const env = { AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'sEXAMPLEKEY', AWS_SESSION_TOKEN: 't' };
  const forwarded = (userId: string) => play({ release: '0.6.29', args, env, files: {}, userId, requests: [] });
  expect((await forwarded('AROAEXAMPLE:k')).minted).toMatchObject({ kind: 'undecided' });
  expect((await forwarded('AROAEXAMPLE:ki')).minted).toMatchObject({ token: expect.any(String) });
});

async function play({ args, env: variables, files, release, userId, url }: AuthenticatorVector): Promise<{
  readonly minted: InProcessMint | Undecided | EKSAuthError;
  readonly requests: readonly AuthenticatorRequest[];
}> {
  const { path, env } = await makeHome(files);
  const fill = (text: string) => text.replaceAll('${HOME}', path);
  const own = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, fill(value)]));
  const releases = await installed(join(path, 'bin'), release);
  const { transport, requests } = recordingSTS(userId);
  try {
    const config = parseExecConfig(stanzaOf('aws-iam-authenticator', args.map(fill), own));
    const now = () => (url === undefined ? new Date() : dateOfURL(url));
    const host = hostFrom({ env: { ...env, ...own, PATH: join(path, 'bin') }, now });
    return { minted: await mintInProcess({ config, host, transport, releases }), requests };
  } catch (error) {
    if (error instanceof EKSAuthError) return { minted: error, requests };
    throw error;
  }
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

/** STS whose credentials follow from the request, as where the vectors were recorded. */
function recordingSTS(userId: string): { transport: HTTPTransport; requests: AuthenticatorRequest[] } {
  const requests: AuthenticatorRequest[] = [];
  const transport: HTTPTransport = async ({ url, body, headers }) => {
    const asked = notedSTSRequest(new URL(url).host, body, headers.authorization);
    requests.push(asked);
    return { headers: { 'content-type': 'text/xml' }, ...answerOf(asked, userId) };
  };
  return { transport, requests };
}
