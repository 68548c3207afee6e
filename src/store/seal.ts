import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/** First byte of each sealed value, and a word of each name: another version is another population. */
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const CIPHER = 'aes-256-gcm';
/** Characters of base64url in a name: 192 bits. */
const NAME_LENGTH = 32;

/** What a sealed value is for. It opens for nothing else. */
export interface SealedFor {
  /** What kind of thing it is, for example `token`. */
  readonly kind: string;
  /** Whose it is. */
  readonly identity: string;
}

/**
 * Seals texts so that only who has the secret can read or make them (AES-256-GCM), and names them so that a name says
 * nothing (HMAC-SHA256). Both keys come from the secret by HKDF-SHA256.
 */
export class Seal {
  readonly #scope: string;
  readonly #sealKey: Uint8Array;
  readonly #nameKey: Uint8Array;

  /** @param scope - the name of the fleet: equal secrets of two fleets make different keys */
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

  /** The text, where exactly this was sealed for exactly this purpose with the same secret. */
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

  /** Each part with its length in front, so that no two lists of parts are the same bytes. */
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
