import {
  type AssumedRoleOptions,
  type FleetOptions,
  parseExecConfig,
  TokenManager,
  type TokenManagerOptions,
  type TokenStore,
} from 'ekspress';
import type { LocalAWS } from 'ekspress/testing';
import { FakeHome } from './fake-aws-home.ts';

/** The role that the default profile of a machine assumes. */
export const ROLE = 'arn:aws:iam::123456789012:role/deploy';
export const OTHER_ROLE = 'arn:aws:iam::123456789012:role/audit';
const SECRET = 'a secret of at least thirty-two bytes';

/** A store in the memory of this process, in which each method can be replaced. */
export class MemoryStore implements TokenStore {
  readonly values: Map<string, Uint8Array> = new Map();
  readonly claims: Set<string> = new Set();
  readonly asked: string[] = [];

  async get(name: string): Promise<Uint8Array | undefined> {
    this.asked.push('get');
    return this.values.get(name);
  }

  async set(name: string, value: Uint8Array): Promise<void> {
    this.asked.push('set');
    this.values.set(name, value);
  }

  async claim(name: string): Promise<boolean> {
    this.asked.push('claim');
    if (this.claims.has(name)) return false;
    this.claims.add(name);
    return true;
  }
}

export function fleetWith(store: TokenStore, more: Partial<FleetOptions> = {}): FleetOptions {
  return { name: 'test', store, secret: SECRET, ...more };
}

/** What distinguishes one machine from another. */
export interface MachineOptions extends TokenManagerOptions {
  readonly args?: readonly string[];
  /** More settings of the role's profile. */
  readonly profile?: string;
  readonly roleArn?: string;
  readonly variables?: Record<string, string>;
  /** What the caller says of the role on top. */
  readonly assumed?: AssumedRoleOptions;
}

/** A manager on a machine of its own: with its own home, whose profile `work` assumes a role with a long-lived key. */
export function machine(aws: LocalAWS, fleet: FleetOptions | undefined, options: MachineOptions = {}): TokenManager {
  const { args = ['--cluster-name', 'dev', '--profile', 'work'], profile = '', roleArn = ROLE, ...rest } = options;
  const { variables = {}, assumed = {}, ...more } = rest;
  const env = homeOf(aws, `[profile work]\nrole_arn = ${roleArn}\nsource_profile = default\n${profile}`, variables);
  const stanza = { command: 'aws', args: ['--region', 'us-east-1', 'eks', 'get-token', ...args] };
  const config = parseExecConfig(stanza, { cliVersion: 'v2', ...assumed });
  return new TokenManager(config, { env, ...(fleet && { fleet }), ...more });
}

/** The environment of a machine whose AWS files hold a long-lived key as `default`, and these profiles. */
export function homeOf(aws: LocalAWS, profiles: string, variables: Record<string, string> = {}): FakeHome['env'] {
  const keys = aws.identities.admin;
  if (!keys) throw new Error('no admin');
  const { env } = new FakeHome().withStaticKeys(keys).withConfig(profiles);
  return Object.assign(env, { AWS_ENDPOINT_URL_STS: aws.endpoint, AWS_EC2_METADATA_DISABLED: 'true', ...variables });
}

/** What has gone through the microtasks and timers of a put that was not waited for. */
export async function settled(store: MemoryStore, values = 1): Promise<void> {
  while (store.values.size < values) await new Promise((resolve) => setTimeout(resolve, 5));
}
