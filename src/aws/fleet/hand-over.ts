import { lifetime } from '../../cache/rules.ts';
import type { PlannedMint } from '../context/mint-context.ts';
import type { InProcessMint } from '../mint/in-process-mint.ts';
import { formatFleetToken } from './fleet-token.ts';

/** Shares a token only if it lives long enough for the other members. */
export async function hand(
  minted: InProcessMint,
  mint: PlannedMint,
  marginSeconds: number,
  put: (text: string, lifeMs: number) => Promise<void>,
): Promise<void> {
  const lifeMs = lifetime(minted.mintedAt, minted.credentialsExpireAt).tellUntil.getTime() - mint.now().getTime();
  if (lifeMs >= marginSeconds * 1000) await put(formatFleetToken(mint.plan.cluster, minted), lifeMs);
}
