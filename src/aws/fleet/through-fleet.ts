import { fleetOf } from '../../store/fleet.ts';
import type { FleetLookup, FleetOptions } from '../../store/token-store.ts';
import { LeftToOthers } from '../left-to-others.ts';
import type { Around, InProcessMint } from '../mint/in-process-mint.ts';
import { needsAWS, noteRole } from './affinity.ts';
import { readFleetToken, type Wanted } from './fleet-token.ts';
import { hand } from './hand-over.ts';
import { type GivenIdentity, portableIdentity } from './portable-identity.ts';
import { shareAhead } from './share-ahead.ts';

/** A request to a fleet for a token. */
export interface FleetQuestion extends Wanted {
  readonly options: FleetOptions;
  /** Only a new token will do. */
  readonly fresh: boolean;
  /** Whether the token that is held can be kept for now. Absent: there is none. */
  readonly canLookLater: (() => Promise<boolean>) | undefined;
  /** Set where the caller brings the credentials. */
  readonly given: Omit<GivenIdentity, 'tenant'> | undefined;
  /** Called with the answer of the fleet, unless the token cannot be shared. */
  readonly onLookup: (lookup: FleetLookup) => void;
}

/**
 * Takes the token that another machine has made for the same plan, and shares the token that this machine makes. One
 * machine of the fleet makes the token, the others wait a moment for it. In doubt, or if the store fails, each machine
 * makes its own.
 *
 * Who has just got credentials of a role also makes the tokens of its other clusters of that role for the others.
 *
 * A refresh ahead of time that would call AssumeRole is left to the machines that have credentials of the role, until
 * the held token ends soon.
 * @throws LeftToOthers
 */
export function throughFleet(question: FleetQuestion): Around {
  return async (mint, sign) => {
    const { options, fresh, canLookLater, given, onLookup } = question;
    const portable = await portableIdentity(mint, given && { ...given, tenant: options.tenant });
    if ('local' in portable) {
      mint.logger.debug('the fleet is not asked', { reason: portable.local });
      return sign();
    }
    const fleet = fleetOf(options, mint.logger);
    const { role } = portable;
    const what = { kind: 'token', identity: portable.identity };
    const read = (text: string): InProcessMint | undefined => {
      const found = readFleetToken(text, mint, question);
      // The other member made the token without a person, so none is needed here.
      return found && { kind: 'minted', ...found, source: mint.plan.source, unattended: true, fromFleet: true };
    };
    const shared = { what, read, signal: mint.signal };
    if (!fresh) {
      const found = await fleet.find(shared);
      const needsCall = found.kind === 'miss' && role !== undefined && needsAWS(role, mint);
      if (needsCall && (await canLookLater?.()) && mint.urgency?.isRaised === false) {
        fleet.leave();
        throw new LeftToOthers();
      }
      const taken = found.value ?? (canClaim(found.kind) ? await fleet.claimOrWait(shared) : undefined);
      onLookup(taken ? 'hit' : found.kind);
      if (taken) return taken;
    }
    const minted = await sign();
    const { marginSeconds } = question;
    const isNew = role !== undefined && noteRole(role, minted, mint);
    const shares = hand(minted, mint, marginSeconds, (text, lifeMs) => fleet.put(what, text, lifeMs));
    // The credentials of a caller belong to the cluster that they were given for.
    if (isNew && given === undefined) void shares.then(() => shareAhead({ role, mint, options, marginSeconds }));
    return minted;
  };
}

/** Nothing is claimed from a store that does not answer. */
function canClaim(lookup: FleetLookup): boolean {
  return lookup === 'miss' || lookup === 'foreign';
}
