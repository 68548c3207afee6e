import { createHash, createHmac } from 'node:crypto';

export interface SignedWith {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface SignOptions {
  readonly clusterName?: string;
  readonly region?: string;
  readonly at?: Date;
  readonly host?: string;
  readonly scheme?: string;
  readonly path?: string;
  /** Replaces (string) or removes (null) a query parameter before signing. */
  readonly query?: Readonly<Record<string, string | null>>;
}

/** A signer of the tests' own, in the order of parameters of the AWS CLI: what the verifier accepts it must not share. */
export function signToken(signer: SignedWith, options: SignOptions = {}): string {
  const { clusterName = 'dev', region = 'us-east-1', at = new Date(), scheme = 'https', path = '/' } = options;
  const { host = `sts.${region}.amazonaws.com` } = options;
  const date = `${at.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
  const scope = `${date.slice(0, 8)}/${region}/sts/aws4_request`;
  const parameters: Record<string, string | null> = {
    Action: 'GetCallerIdentity',
    Version: '2011-06-15',
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${signer.accessKeyId}/${scope}`,
    'X-Amz-Date': date,
    'X-Amz-Expires': '60',
    'X-Amz-SignedHeaders': 'host;x-k8s-aws-id',
    'X-Amz-Security-Token': signer.sessionToken ?? null,
    ...options.query,
  };
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    value === null ? [] : [`${encode(name)}=${encode(value)}`],
  );
  const signedHeaders = parameters['X-Amz-SignedHeaders'] ?? '';
  const values: Record<string, string> = { host, 'x-k8s-aws-id': clusterName };
  const headers = signedHeaders.split(';').map((name) => `${name}:${values[name] ?? ''}\n`);
  const canonical = ['GET', path, [...pairs].sort().join('&'), headers.join(''), signedHeaders, sha256('')].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  let key: string | Buffer = `AWS4${signer.secretAccessKey}`;
  for (const step of [...scope.split('/'), toSign]) key = createHmac('sha256', key).update(step).digest();
  return tokenOf(`${scheme}://${host}${path}?${pairs.join('&')}&X-Amz-Signature=${key.toString('hex')}`);
}

export function tokenOf(url: string): string {
  return `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`;
}

export function urlOf(token: string): string {
  return Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString();
}

function encode(value: string): string {
  return encodeURIComponent(value).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
