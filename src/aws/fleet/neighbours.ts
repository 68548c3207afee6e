import type { Host } from '../../host.ts';
import type { MintMemory } from '../context/mint-memory.ts';
import { roleOptionsOf } from '../stanza/assumed-role.ts';
import type { EKSAuthConfig } from '../stanza/eks-auth-config.ts';

/** The clusters of one registry that get their credentials from AWS files, variables or the machine. */
export interface Neighbours {
  /** The host of all of them, without the variables of their stanzas. */
  readonly host: Host;
  /** Asked each time, because clusters come and go. */
  readonly configs: () => Iterable<EKSAuthConfig>;
}

const NEIGHBOURS = new WeakMap<MintMemory, Neighbours>();

/** Notes whose mints share this memory. */
export function noteNeighbours(memory: MintMemory, neighbours: Neighbours): void {
  NEIGHBOURS.set(memory, neighbours);
}

export function neighboursOf(memory: MintMemory): Neighbours | undefined {
  return NEIGHBOURS.get(memory);
}

const CREDENTIAL_WORDS = new WeakMap<EKSAuthConfig, string>();

/**
 * What a stanza says of its credentials, and nothing of its cluster. Stanzas with the same words probably assume the same
 * role; only their plans say so with certainty.
 */
export function credentialWords(config: EKSAuthConfig): string {
  const known = CREDENTIAL_WORDS.get(config);
  if (known !== undefined) return known;
  const { region, profile, roleArn, cliVersion, exec, command } = config;
  const variables = exec.env.names().map((name) => [name, exec.env.get(name)]);
  const options = [region ?? null, profile ?? null, roleArn ?? null, cliVersion ?? null, roleOptionsOf(config)];
  const words = JSON.stringify([command.tool, exec.command, ...options, variables.sort()]);
  CREDENTIAL_WORDS.set(config, words);
  return words;
}
