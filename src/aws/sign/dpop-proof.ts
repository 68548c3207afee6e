import { createPrivateKey, createPublicKey, type KeyObject, randomUUID, sign } from 'node:crypto';

const base64url = (text: string) => Buffer.from(text, 'utf8').toString('base64url');

/**
 * The private key of `aws login`, as its file has it: P-256, in PEM.
 * @returns undefined for anything else
 */
export function readDPoPKey(pem: unknown): KeyObject | undefined {
  if (typeof pem !== 'string') return undefined;
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined;
  } catch {
    return undefined;
  }
}

/** The proof that a request to AWS Sign-In comes from the holder of the key (RFC 9449): the header `DPoP`. */
export function dpopProof(key: KeyObject, url: string, now: Date): string {
  const { x, y } = createPublicKey(key).export({ format: 'jwk' });
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty: 'EC', x, y, crv: 'P-256' } };
  const payload = { htm: 'POST', htu: url, iat: Math.floor(now.getTime() / 1000), jti: randomUUID() };
  const signed = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(payload))}`;
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}
