import { secretBytes } from './check-fleet.ts';
import { Seal } from './seal.ts';
import type { FleetOptions } from './token-store.ts';

/** How long the bytes of a secret are used before its function is called again. */
const READ_AGAIN_MS = 60_000;

/** What a seal is made of. */
export type SealParts = Pick<FleetOptions, 'name' | 'secret'>;

/** The seal of a fleet or of a cache directory, made of its secret, which may change while the process runs. */
export class SealKeys {
  readonly #parts: SealParts;
  #seal: Seal | undefined;
  #bytes: Uint8Array = new Uint8Array();
  #readAt = 0;
  #reading: Promise<Seal> | undefined;

  constructor(parts: SealParts) {
    this.#parts = parts;
  }

  /** @throws whatever the function of the secret throws, EKSAuthError INVALID_CONFIG where it hands out no secret */
  async seal(): Promise<Seal> {
    if (this.#seal && performance.now() - this.#readAt < READ_AGAIN_MS) return this.#seal;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    // If the function hangs or fails, the previous secret is still used.
    return this.#seal ?? this.#reading;
  }

  async #read(): Promise<Seal> {
    const { secret, name } = this.#parts;
    try {
      const bytes = secretBytes(typeof secret === 'function' ? await secret() : secret);
      if (!this.#seal || !sameBytes(bytes, this.#bytes)) this.#seal = new Seal(bytes, name);
      this.#bytes = bytes;
      return this.#seal;
    } catch (error) {
      if (this.#seal) return this.#seal;
      throw error;
    } finally {
      this.#readAt = performance.now();
    }
  }
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
