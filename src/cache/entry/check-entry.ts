import { type EntryFacts, toldUntil } from './entry.ts';
import type { Machine } from './machine.ts';

/** What a reader asks the cache for. */
export interface EntryQuery {
  readonly identity: string;
  /** The command word that runs if there is no entry. */
  readonly command: string;
  /** Unix time by the reader's clock. */
  readonly now: number;
  readonly marginSeconds: number;
  readonly machine: Machine;
}

/** Why this entry does not answer the query. Undefined if it does. Its sources are not checked here. */
export function rejectionReason(entry: EntryFacts, query: EntryQuery): string | undefined {
  if (entry.identity !== query.identity) return 'another identity';
  if (entry.command !== undefined && entry.command !== query.command) return 'made by another command';
  if (entry.hostName !== undefined) {
    const { hostName, bootId } = query.machine;
    if (entry.hostName !== hostName || entry.bootId !== bootId) return 'made on another host';
  }
  return timeRejectionReason(entry, query);
}

/**
 * In the boot of the mint, the uptime is compared: it is right however the wall clock is set. The wall clock is compared
 * too, for three reasons. kubectl runs the plugin before every request while its clock calls a token expired. A paused
 * virtual machine loses uptime, but its tokens age. A server refuses a token that was signed with the clock ahead.
 */
function timeRejectionReason(entry: EntryFacts, { now, marginSeconds, machine }: EntryQuery): string | undefined {
  const sameBoot = entry.bootId !== undefined && entry.bootId === machine.bootId;
  const uptime = sameBoot ? machine.uptimeSeconds : undefined;
  if (uptime !== undefined && entry.uptimeMinted !== undefined) {
    const seconds = Math.floor(uptime);
    if (seconds < entry.uptimeMinted) return 'minted in the future';
    if (entry.uptimeMinted + entry.life < seconds + marginSeconds) return 'too old';
  }
  if (now < entry.minted) return 'minted in the future';
  return toldUntil(entry) < now + marginSeconds ? 'too old' : undefined;
}
