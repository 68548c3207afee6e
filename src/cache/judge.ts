import { type Circumstances, toldUntil } from './entry.ts';
import type { Machine } from './machine.ts';

/** What a reader wants an entry for. */
export interface Question {
  readonly identity: string;
  /** The command word that would be run instead. */
  readonly command: string;
  /** Unix time by the reader's clock. */
  readonly now: number;
  readonly marginSeconds: number;
  readonly machine: Machine;
}

/** Why this entry does not answer the question; undefined if it does, provided that its sources have not changed. */
export function objection(entry: Circumstances, question: Question): string | undefined {
  if (entry.identity !== question.identity) return 'another identity';
  if (entry.command !== undefined && entry.command !== question.command) return 'made by another command';
  if (entry.hostName !== undefined) {
    const { hostName, bootId } = question.machine;
    if (entry.hostName !== hostName || entry.bootId !== bootId) return 'made on another host';
  }
  return objectionOfTime(entry, question);
}

/**
 * In the boot of the mint, uptime decides: it is right however the wall clock is set. The wall clock still has a say:
 * kubectl would run the plugin before every request for a token that its clock calls expired, a virtual machine that was
 * paused has lost uptime that the token has not, and a token that was signed with the clock ahead is good for nothing.
 */
function objectionOfTime(entry: Circumstances, { now, marginSeconds, machine }: Question): string | undefined {
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
