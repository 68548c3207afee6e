import { EKSAuthError } from '../errors.ts';
import { isMisspelt, nearNames } from '../text/nearest-names.ts';
import { shellCommand } from '../text/shell-command.ts';
import type { FleetOptions, FleetSecret } from './token-store.ts';

/** The fewest bytes of a secret. */
const SECRET_BYTES = 32;

/**
 * Refuses options that cannot describe a fleet, before a call waits for a token.
 * @throws EKSAuthError INVALID_CONFIG
 */
export function checkFleet(fleet: FleetOptions | undefined): void {
  if (fleet === undefined) return;
  if (typeof fleet !== 'object' || fleet === null) throw invalid('The fleet given to ekspress is not an object.');
  const { name, store, secret, tenant, ...others } = fleet;
  const [unknown] = Object.keys(others);
  const near = nearNames(unknown ?? '', ['name', 'store', 'secret', 'tenant']);
  if (unknown !== undefined)
    throw invalid(
      `A fleet has no option ${JSON.stringify(unknown)}.${near.length > 0 ? ` Did you mean ${near.map((one) => JSON.stringify(one)).join(' or ')}?` : ''}`,
    );
  if (typeof name !== 'string' || !/^[\w.-]{1,64}$/.test(name))
    throw invalid('The name of a fleet has 1 to 64 letters, digits, dots, underscores and hyphens.');
  if (typeof store?.get !== 'function' || typeof store.set !== 'function')
    throw invalid('The store of the fleet has no methods get and set.');
  if (store.claim !== undefined && typeof store.claim !== 'function')
    throw invalid('The claim of the store of the fleet is not a method.');
  const isSlip = ([name, value]: [string, unknown]) => typeof value === 'function' && isMisspelt(name, ['claim']);
  const slip = store.claim ? undefined : Object.entries(store).find(isSlip)?.[0];
  if (slip !== undefined)
    throw invalid(`The store of the fleet has no method ${JSON.stringify(slip)}. Did you mean "claim"?`);
  if (typeof secret !== 'function') secretBytes(secret);
  if (tenant !== undefined && (typeof tenant !== 'string' || tenant === ''))
    throw invalid('The tenant of the fleet is not a text, or is empty.');
}

/**
 * The bytes of a secret. A line break at the end of a text, as files have it, does not count.
 * @throws EKSAuthError INVALID_CONFIG
 */
export function secretBytes(secret: FleetSecret): Uint8Array {
  const isBytes = secret instanceof Uint8Array;
  if (!isBytes && typeof secret !== 'string') throw invalid('The secret of the fleet is neither a text nor bytes.');
  const bytes = isBytes ? Uint8Array.from(secret) : new TextEncoder().encode(secret.replace(/\r?\n$/, ''));
  if (bytes.length < SECRET_BYTES) throw invalid(`The secret of the fleet is shorter than ${SECRET_BYTES} bytes.`);
  return bytes;
}

function invalid(message: string): EKSAuthError {
  return new EKSAuthError('INVALID_CONFIG', message, {
    remedy: `Pass { name, store, secret }: \`${shellCommand('makeSecret')}\` makes a secret, valkeyStore(client) of ekspress/valkey a store.`,
  });
}
