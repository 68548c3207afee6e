import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { LocalIdentity } from '../../src/testing/identities.ts';

/** What one AWS CLI did in one case; only what the verifier's tests look at. */
interface Recorded {
  readonly execCredential?: { readonly status: { readonly token: string } } | null;
  readonly decodedUrl?: string | null;
  readonly accessKeyId?: string | null;
  readonly requests: readonly {
    readonly url: string;
    readonly form: Readonly<Record<string, string>>;
    readonly signerAccessKeyId: string | null;
  }[];
}

interface Case {
  readonly id: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  readonly time: string;
  readonly v1: Recorded;
  readonly v2: Recorded;
}

/** A token that an AWS CLI really made, with all that is needed to judge it. */
export interface TokenVector {
  readonly id: string;
  readonly token: string;
  readonly clusterName: string;
  readonly region: string;
  readonly time: Date;
  readonly identity: LocalIdentity;
}

/** Every token of the vectors, from both CLI versions. */
export function tokenVectors(): readonly TokenVector[] {
  const file = new URL('../vectors/aws-eks-get-token.json', import.meta.url);
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: readonly Case[] };
  return cases.flatMap((one) => [...vectorsOf(one, 'v1'), ...vectorsOf(one, 'v2')]);
}

function vectorsOf(one: Case, version: 'v1' | 'v2'): TokenVector[] {
  const recorded = one[version];
  const token = recorded.execCredential?.status.token;
  if (!token || !recorded.decodedUrl) return [];
  const url = new URL(recorded.decodedUrl);
  const accessKeyId = recorded.accessKeyId ?? 'unsigned';
  const sessionToken = url.searchParams.get('X-Amz-Security-Token');
  return [
    {
      id: `${one.id} (${version})`,
      token,
      clusterName: clusterNameOf(one),
      region: url.searchParams.get('X-Amz-Credential')?.split('/').at(-3) ?? 'us-east-1',
      time: new Date(one.time),
      identity: {
        name: 'signer',
        accessKeyId,
        secretAccessKey: secretOf(accessKeyId, one, recorded),
        ...(sessionToken === null ? {} : { sessionToken }),
        arn: 'arn:aws:iam::123456789012:user/signer',
        groups: [],
      },
    },
  ];
}

/** The cluster's name as the case's command line gives it: the last one wins, abbreviated or not, from a file or not. */
function clusterNameOf(one: Case): string {
  let name = '';
  for (const [index, argument] of one.argv.entries()) {
    if (!/^--cluster-(n|i)/.test(argument)) continue;
    const equals = argument.indexOf('=');
    name = equals < 0 ? (one.argv[index + 1] ?? '') : argument.slice(equals + 1);
  }
  const file = /^fileb?:\/\/\$\{HOME\}\/(.*)$/.exec(name)?.[1];
  return file === undefined ? name : (one.files[file] ?? '');
}

/** The rules of the vectors' own `meta`: the known key, stubbed credentials by hash, "s" in files. */
function secretOf(accessKeyId: string, one: Case, recorded: Recorded): string {
  if (accessKeyId === 'AKIDEXAMPLE') return 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
  for (const parts of stubbedIdentities(recorded)) {
    const hash = createHash('sha256').update(parts.join('|')).digest('hex');
    if (`ASIA${hash.slice(0, 16).toUpperCase()}` === accessKeyId) return `sk+/${hash.slice(0, 36)}`;
  }
  return Object.values(one.files).some((text) => text.includes('aws_secret_access_key = "s"')) ? '"s"' : 's';
}

function stubbedIdentities(recorded: Recorded): string[][] {
  const identities = [['imds'], ['container']];
  for (const { url, form, signerAccessKeyId } of recorded.requests) {
    const caller = form.WebIdentityToken ?? signerAccessKeyId ?? '';
    if (form.RoleArn !== undefined) identities.push([form.Action ?? '', form.RoleArn, caller, form.ExternalId ?? '']);
    const query = new URL(url).searchParams;
    if (query.has('role_name')) identities.push(['sso', query.get('account_id') ?? '', query.get('role_name') ?? '']);
  }
  return identities;
}
