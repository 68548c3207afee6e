import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/**
 * The first byte of each sealed value, and a part of each name. Members with another version do not see each other's
 * values.
 */
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const CIPHER = 'aes-256-gcm';
/** Characters of base64url in a name: 192 bits. */
const NAME_LENGTH = 32;

/** The purpose of a sealed value. The value can be opened for the same purpose only. */
export interface SealedFor {
  /** The kind of the value, for example `token`. */
  readonly kind: string;
  /** The identity that the value belongs to. */
  readonly identity: string;
}

/**
 * Seals texts with AES-256-GCM, so that only holders of the secret can read or make them. Gives them names by
 * HMAC-SHA256, which reveal nothing. Both keys come from the secret by HKDF-SHA256.
 */
export class Seal {
  readonly #scope: string;
  readonly #sealKey: Uint8Array;
  readonly #nameKey: Uint8Array;

  /** @param scope - the name of the fleet, or what else this is: equal secrets of two scopes make different keys */
  constructor(secret: Uint8Array, scope: string) {
    this.#scope = scope;
    const key = (info: string) => new Uint8Array(hkdfSync('sha256', secret, scope, `ekspress ${info} 1`, KEY_BYTES));
    this.#sealKey = key('seal');
    this.#nameKey = key('name');
  }

  /** The opaque name of what is sealed for this. */
  nameOf(what: SealedFor): string {
    const digest = createHmac('sha256', this.#nameKey).update(this.#bound(what)).digest('base64url');
    return digest.slice(0, NAME_LENGTH);
  }

  /** Version, nonce, tag and ciphertext. */
  seal(what: SealedFor, text: string): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#sealKey, nonce, { authTagLength: TAG_BYTES }).setAAD(this.#bound(what));
    const sealed = [cipher.update(text, 'utf8'), cipher.final()];
    return Uint8Array.from(Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), ...sealed]));
  }

  /** The text, if the value was sealed for exactly this purpose with the same secret. */
  open(what: SealedFor, value: Uint8Array): string | undefined {
    const start = 1 + NONCE_BYTES + TAG_BYTES;
    if (value.length < start || value[0] !== VERSION) return undefined;
    try {
      const nonce = value.subarray(1, 1 + NONCE_BYTES);
      const decipher = createDecipheriv(CIPHER, this.#sealKey, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(this.#bound(what)).setAuthTag(value.subarray(1 + NONCE_BYTES, start));
      return Buffer.concat([decipher.update(value.subarray(start)), decipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }

  /**
   * The purpose as bytes. Each part has its length in front, so that two different lists of parts never have the same
   * bytes.
   */
  #bound({ kind, identity }: SealedFor): Buffer {
    const parts = [`${VERSION}`, this.#scope, kind, identity].map((part) => Buffer.from(part, 'utf8'));
    return Buffer.concat(
      parts.flatMap((part) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(part.length);
        return [length, part];
      }),
    );
  }
}
