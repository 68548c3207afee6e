import { readURL } from '../../aws/http/read-url.ts';
import { describeCluster } from '../../aws/mint/describe-cluster.ts';
import { listClusters } from '../../aws/mint/list-clusters.ts';
import { configOfCluster } from '../../aws/stanza/config-of-cluster.ts';
import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import { asAuthError } from '../../aws/unexpected-failure.ts';
import { EKSAuthError } from '../../errors.ts';
import { type Sentence, sentence } from '../../text/sentence.ts';
import type { ClusterDescription, SourceContext } from './cluster-source.ts';
import type { EKSAccount } from './eks-account.ts';
import { isExpectedEndpoint } from './expected-endpoint.ts';

/**
 * How long a description is used. Endpoint and certificate authority change only if a cluster is deleted and made again
 * with the same name.
 */
const DESCRIBED_FOR_MS = 60 * 60_000;
const LONGEST_BACK_OFF_MS = 60 * 60_000;
/** As for every source, a cluster is removed after two lists without it. */
const ABSENCES = 2;

interface Held {
  description: ClusterDescription | undefined;
  describedAt: number;
  absent: number;
}

/** The clusters of one account in one region, from its lists and descriptions. */
export class EKSScope {
  readonly name: string;
  readonly region: string;
  readonly account: EKSAccount;
  readonly #endpoints: readonly string[];
  readonly #held = new Map<string, Held>();
  /** For the requests of this scope, which are about any cluster. */
  readonly #config: EKSAuthConfig;
  #failures = 0;
  #notBefore = 0;
  #listed = false;

  constructor(account: EKSAccount, region: string, endpoints: readonly string[]) {
    this.account = account;
    this.region = region;
    this.#endpoints = endpoints;
    this.#config = this.config('none');
    this.name = `${account.roleArn ?? account.profile ?? 'default'} ${region}`;
  }

  /** Reads the list. @returns the names of clusters that must be described */
  async list(context: SourceContext, filter: (name: string) => boolean, everyMs: number): Promise<readonly string[]> {
    const now = performance.now();
    this.#listed = false;
    if (now < this.#notBefore) {
      context.unread(this.name);
      return [];
    }
    try {
      const names = new Set((await listClusters(this.#facts(context))).filter(filter));
      this.#listed = true;
      this.#failures = 0;
      for (const name of names) this.#hold(name).absent = 0;
      for (const [name, held] of this.#held) {
        if (names.has(name)) continue;
        held.absent += 1;
        if (held.absent >= ABSENCES) this.#held.delete(name);
      }
      return [...names].filter((name) => now - this.#hold(name).describedAt >= DESCRIBED_FOR_MS);
    } catch (error) {
      this.#failures += 1;
      this.#notBefore = now + Math.min(everyMs * (2 ** (this.#failures - 1) - 0.5), LONGEST_BACK_OFF_MS);
      this.#report(context, this.name, error);
      return [];
    }
  }

  /** Whether the last list was read completely. */
  get listed(): boolean {
    return this.#listed;
  }

  /** Describes a cluster. If that fails, the previous description stays. */
  async describe(name: string, context: SourceContext): Promise<ClusterDescription | undefined> {
    const held = this.#hold(name);
    try {
      held.description = await this.#described(name, context);
      held.describedAt = performance.now();
    } catch (error) {
      this.#report(context, `${this.name} ${name}`, error);
    }
    return held.description;
  }

  /** The described clusters of the last list. If the list could not be read: all that are not known to be gone. */
  present(): readonly ClusterDescription[] {
    const there = [...this.#held.values()].filter(({ absent }) => absent === 0 || !this.#listed);
    return there.flatMap(({ description }) => (description ? [description] : []));
  }

  /** @returns the name of a cluster of this scope with that id */
  nameOf(id: string): string | undefined {
    return [...this.#held].find(([, { description }]) => description?.id === id)?.[0];
  }

  #hold(name: string): Held {
    const held = this.#held.get(name) ?? { description: undefined, describedAt: Number.NEGATIVE_INFINITY, absent: 0 };
    this.#held.set(name, held);
    return held;
  }

  async #described(name: string, context: SourceContext): Promise<ClusterDescription> {
    const facts = await describeCluster(this.#facts(context), { name, patient: true });
    const { arn, endpoint, certificateAuthorityData, tokenClusterId } = facts;
    const [, partition, service, region, account, resource] = arn.split(':');
    const expected = /^arn:[^:]*:iam::(\d+):/.exec(this.account.roleArn ?? '')?.[1] ?? account;
    const fits = service === 'eks' && region === this.region && resource === `cluster/${name}` && account === expected;
    if (!fits || !partition)
      throw new EKSAuthError('SERVER_UNTRUSTED', sentence`The answer about the EKS cluster ${name} is about ${arn}.`, {
        remedy: 'Check AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_EKS: the answer is not that of EKS.',
      });
    if (!isExpectedEndpoint(endpoint, this.region, this.#endpoints)) {
      const message = sentence`The EKS cluster ${name} has an endpoint that EKS does not hand out: ${endpoint}.`;
      throw new EKSAuthError('SERVER_UNTRUSTED', message, { remedy: remedyFor(endpoint) });
    }
    return {
      id: arn,
      cluster: tokenClusterId === undefined ? { clusterName: name } : { clusterId: tokenClusterId },
      region: this.region,
      ...this.account,
      server: endpoint,
      certificateAuthorityData,
    };
  }

  /** The identity of its tokens, for any cluster. */
  config(clusterName: string): EKSAuthConfig {
    return configOfCluster('eksClusters', { ...this.account, clusterName, region: this.region });
  }

  /** The requests of this scope, as the identity of its tokens. */
  #facts({ host, memory, signal }: SourceContext) {
    return { config: this.#config, host, memory, signal };
  }

  #report({ signal, failed }: SourceContext, part: string, error: unknown): void {
    if (!signal.aborted) failed(part, asAuthError(error));
  }
}

/** Another host can be right, for example that of a private endpoint. Plain http is not. */
function remedyFor(endpoint: string): Sentence {
  const url = readURL(endpoint);
  const check = sentence`Check AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_EKS`;
  return url?.protocol === 'https:'
    ? sentence`${check}; if this endpoint is right, pass { endpoints: [${url.hostname}] }.`
    : sentence`${check}.`;
}
