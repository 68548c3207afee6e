import { createHmac } from 'node:crypto';

/** The keys that sign; `sessionToken` empty or absent for long-lived keys. */
export interface SigningKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What all signatures of one day and region have in common: most of the work. */
export interface SigningKey {
  /** As they stand in a URL. */
  readonly credential: string;
  readonly securityToken: string | undefined;
  readonly key: Buffer;
}

interface Kept {
  readonly keys: SigningKeys;
  readonly day: string;
  readonly region: string;
  readonly signingKey: SigningKey;
}

const KEPT = 8;

/** The signing keys of the last identities. They are secrets, so they live no longer than their owner. */
export class SigningKeyring {
  readonly #kept: Kept[] = [];

  /** @param day - `YYYYMMDD`, of UTC */
  keyFor(keys: SigningKeys, day: string, region: string): SigningKey {
    const known = this.#kept.find((one) => one.day === day && one.region === region && isSame(one.keys, keys));
    if (known) return known.signingKey;
    const { accessKeyId, secretAccessKey, sessionToken } = keys;
    const signingKey = derive(keys, day, region);
    const own = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
    this.#kept.unshift({ keys: own, day, region, signingKey });
    this.#kept.length = Math.min(this.#kept.length, KEPT);
    return signingKey;
  }
}

function isSame(one: SigningKeys, other: SigningKeys): boolean {
  return (
    one.accessKeyId === other.accessKeyId &&
    one.secretAccessKey === other.secretAccessKey &&
    one.sessionToken === other.sessionToken
  );
}

function derive({ accessKeyId, secretAccessKey, sessionToken }: SigningKeys, day: string, region: string): SigningKey {
  const scope = [day, region, 'sts', 'aws4_request'];
  return {
    credential: encode([accessKeyId, ...scope].join('/')),
    securityToken: sessionToken === undefined ? undefined : encode(sessionToken),
    key: scope.reduce(
      (key, part) => createHmac('sha256', key).update(part).digest(),
      Buffer.from(`AWS4${secretAccessKey}`),
    ),
  };
}

/** RFC 3986: everything but letters, digits and `-._~`. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
