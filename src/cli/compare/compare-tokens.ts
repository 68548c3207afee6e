import { runOriginalCommand } from '../../aws/command/original-command.ts';
import { askCallerIdentity } from '../../aws/mint/caller-identity.ts';
import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import { TokenManager } from '../../aws/token/token-manager.ts';
import { EKSAuthError } from '../../errors.ts';
import { type Environment, overlaid } from '../../host.ts';
import { linkSignals } from '../../system/link-signals.ts';
import { isoSeconds } from '../../text/iso-seconds.ts';
import type { Terminal } from '../command.ts';
import { Measured } from '../contexts/measured.ts';
import { networkFailure } from '../identity/network-failure.ts';

/** What a token says and what AWS says about it. */
export interface TokenFacts {
  /** The ARN of the user or role, or why AWS does not know it. */
  readonly signer: string;
  readonly role: string;
  readonly sessionName: string;
  /** The cluster that the token is signed for: AWS knows a token with the name of its own cluster only. */
  readonly cluster: string;
  readonly host: string;
  readonly expiry: string;
}

/** The two tokens of one identity beside each other. */
export interface Comparison {
  readonly original: TokenFacts;
  readonly ours: TokenFacts;
  /** The facts that differ. The expiry may. */
  readonly differences: readonly (keyof TokenFacts)[];
  /** How long the original command took, in seconds. */
  readonly seconds: number;
}

/** The facts that have to be the same. */
const IDENTITY = ['signer', 'role', 'sessionName', 'cluster', 'host'] as const satisfies (keyof TokenFacts)[];
/** A session name that the AWS CLI generates at each call. */
const MADE_UP = /^(botocore-session-)?\d+$/;
/** In milliseconds. How long the original command and AWS may take. */
const LIMIT_MS = 60_000;

/**
 * Makes a token in this process and one with the original command, and asks AWS about both.
 * @param config - of the original command
 * @throws EKSAuthError if one of the tokens cannot be made, or AWS cannot be asked; EXEC_DENIED if only the original
 *   command can make the token, so that both are the same by construction
 */
export async function compareTokens(config: EKSAuthConfig, terminal: Terminal): Promise<Comparison> {
  const { signal, unlink } = linkSignals([terminal.signal], LIMIT_MS);
  try {
    return await compareWithin(config, terminal, signal);
  } finally {
    unlink();
  }
}

async function compareWithin(config: EKSAuthConfig, terminal: Terminal, signal: AbortSignal): Promise<Comparison> {
  const { env, logger } = terminal;
  const own = overlaid(env, config.exec.env.toEnvironment());
  const manager = new TokenManager(config, { env, logger, cache: false, execPolicy: 'eks-only' });
  const minted = await manager.getValidToken({ signal });
  const began = performance.now();
  const stdio = terminal.interactive ? 'terminal' : 'captured';
  const printed = await runOriginalCommand(config, { env: own, stdio, timeoutMs: LIMIT_MS, signal });
  const seconds = (performance.now() - began) / 1000;
  await Measured.remember(env, [{ stanza: config.exec, run: 'without the cache', seconds }]);
  const cluster = config.clusterName ?? config.clusterId ?? '';
  const [original, ours] = await Promise.all([
    factsOf(printed.token, printed.expiresAt, { cluster, env: own, signal }),
    factsOf(minted.token, minted.expiresAt, { cluster, env: own, signal }),
  ]);
  const differences = IDENTITY.filter((fact) => original[fact] !== ours[fact] && !bothMadeUp(fact, original, ours));
  return { original, ours, differences, seconds };
}

function bothMadeUp(fact: keyof TokenFacts, original: TokenFacts, ours: TokenFacts): boolean {
  return fact === 'sessionName' && MADE_UP.test(original.sessionName) && MADE_UP.test(ours.sessionName);
}

interface Asked {
  readonly cluster: string;
  readonly env: Environment;
  readonly signal: AbortSignal;
}

async function factsOf(
  token: string,
  expiresAt: Date | undefined,
  { cluster, env, signal }: Asked,
): Promise<TokenFacts> {
  const request = { token, cluster, env, now: () => new Date(), signal };
  const answer = await askCallerIdentity(request).catch((error: unknown) => {
    throw networkFailure(error, 'STS cannot be reached');
  });
  const expiry = expiresAt ? isoSeconds(expiresAt) : 'not told';
  const { host, identity, refusal } = answer;
  if (!identity) return { signer: `refused: ${refusal}`, role: '', sessionName: '', cluster: '', host, expiry };
  const [, role = '', sessionName = ''] = /:assumed-role\/(.+)\/([^/]+)$/.exec(identity.arn) ?? [];
  const signer = role === '' ? identity.arn : identity.arn.slice(0, -sessionName.length - 1);
  return { signer, role, sessionName, cluster, host, expiry };
}

/** Whether a token can only be made by the original command: then there is nothing to compare. */
export function onlyOriginal(error: unknown): boolean {
  return error instanceof EKSAuthError && error.code === 'EXEC_DENIED';
}
