import type { PlannedMint } from '../context/mint-context.ts';
import type { MintMemory } from '../context/mint-memory.ts';
import { SHARING_MARGIN_MS } from '../context/shared-credentials.ts';
import type { InProcessMint } from '../mint/in-process-mint.ts';

/**
 * Until when, in milliseconds, a process signs with the credentials of a role that it has. It decides who makes a token
 * and when, never which token: an entry that is wrong costs a call of AssumeRole, or a look at the store.
 */
const HELD = new WeakMap<MintMemory, Map<string, number>>();

/** Whether a token of this role would cost this process a call to AWS. */
export function needsAWS(role: string, { memory, now }: PlannedMint): boolean {
  return (HELD.get(memory)?.get(role) ?? 0) <= now().getTime();
}

/**
 * Notes that this process has credentials of a role, and until when it will use them.
 * @returns whether these credentials are new
 */
export function noteRole(role: string, { credentialsExpireAt }: InProcessMint, { memory, now }: PlannedMint): boolean {
  if (credentialsExpireAt === undefined) return false;
  const roles = HELD.get(memory) ?? new Map<string, number>();
  HELD.set(memory, roles);
  const until = credentialsExpireAt.getTime() - SHARING_MARGIN_MS;
  if (roles.get(role) === until) return false;
  for (const [old, end] of roles) if (end <= now().getTime()) roles.delete(old);
  roles.set(role, until);
  return true;
}
