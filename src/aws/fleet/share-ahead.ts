import { EKSAuthError } from '../../errors.ts';
import { withEnvironment } from '../../host.ts';
import { type Fleet, fleetOf, type Shared } from '../../store/fleet.ts';
import type { FleetOptions } from '../../store/token-store.ts';
import { mintContext, type PlannedMint } from '../context/mint-context.ts';
import { Urgency } from '../gate/urgency.ts';
import { type Around, type InProcessMint, mintInProcess } from '../mint/in-process-mint.ts';
import { needsAWS } from './affinity.ts';
import { readFleetToken } from './fleet-token.ts';
import { hand } from './hand-over.ts';
import { credentialWords, neighboursOf } from './neighbours.ts';
import { portableIdentity } from './portable-identity.ts';

/** The role whose credentials this process has just got, and with which mint. */
export interface NewRole {
  readonly role: string;
  readonly mint: PlannedMint;
  readonly options: FleetOptions;
  readonly marginSeconds: number;
}

/**
 * Makes the tokens of the registry's other clusters of a role that this process has credentials of, if the fleet has none.
 * A machine that needs one of them then finds it, and does not assume the role, too. They go to the store only: a cluster
 * that is never asked for has no token here. Ends where the store does not answer. Never throws.
 */
export async function shareAhead(found: NewRole): Promise<void> {
  const { mint, options } = found;
  const neighbours = neighboursOf(mint.memory);
  if (neighbours === undefined) return;
  const fleet = fleetOf(options, mint.logger);
  const words = credentialWords(mint.config);
  for (const config of neighbours.configs()) {
    if (config === mint.config || credentialWords(config) !== words) continue;
    const host = withEnvironment(neighbours.host, config.exec.env.toEnvironment());
    const { memory } = mint;
    const ahead = mintContext({ config, host, memory, urgency: new Urgency(), programs: false });
    const outcome = await mintInProcess(ahead, forOthers(found, fleet)).catch((error: unknown) => error);
    if (outcome instanceof NotMade && outcome.storeIsSilent) return;
    if (outcome instanceof EKSAuthError) mint.logger.debug('no token is made ahead', { code: outcome.code });
  }
}

/** Why no token was signed: no machine needs one from here, or the store does not answer. */
class NotMade extends Error {
  readonly storeIsSilent: boolean;

  constructor(storeIsSilent = false) {
    super('no token is made ahead');
    this.storeIsSilent = storeIsSilent;
  }
}

/** Lets a token be signed only if that needs no call to AWS, no machine has one, and none makes one now. */
function forOthers({ role, marginSeconds }: NewRole, fleet: Fleet): Around {
  return async (mint, sign) => {
    const portable = await portableIdentity(mint);
    if ('local' in portable || portable.role !== role || needsAWS(role, mint)) throw new NotMade();
    const what = { kind: 'token', identity: portable.identity };
    const shared: Shared<true> = {
      what,
      read: (text) => (readFleetToken(text, mint, { marginSeconds }) ? true : undefined),
      signal: mint.signal,
    };
    const { kind } = await fleet.find(shared);
    if (kind === 'failed' || kind === 'paused') throw new NotMade(true);
    if (kind === 'hit' || !(await fleet.claimForOthers(what))) throw new NotMade();
    const minted: InProcessMint = await sign();
    await hand(minted, mint, marginSeconds, (text, lifeMs) => fleet.put(what, text, lifeMs));
    return minted;
  };
}
