import { Gate, type GateLimits } from './gate.ts';

/** A service of AWS with a quota of its own: `sso` is IAM Identity Center and AWS Sign-In. */
export type GatedService = 'sts' | 'sso' | 'eks';

/**
 * How many requests one process sends to AWS. Requests above a limit wait; those that a caller waits for go before those
 * that refresh tokens ahead of time. After a throttled request all requests of the same quota pause.
 *
 * @example
 * ```ts
 * import { ClusterRegistry } from 'ekspress';
 *
 * await using registry = new ClusterRegistry({ awsLimits: { assumeRole: { inFlight: 16, perSecond: 100 } } });
 * console.log(registry.activity().aws.sts);
 * ```
 */
export interface AWSLimits {
  /** AssumeRole and its like, for each endpoint of STS. Default: 32 at once, 400 a second. */
  readonly assumeRole?: AWSLimit | undefined;
  /** Roles and logins of IAM Identity Center, and logins of `aws login`, for each endpoint. Default: 10 at once, 20 a second. */
  readonly sso?: AWSLimit | undefined;
  /** ListClusters and DescribeCluster, for each identity. Default: 4 at once, 20 a second. */
  readonly eks?: AWSLimit | undefined;
}

/** The limit of one quota. {@link AWSLimits} has the defaults. */
export interface AWSLimit {
  /** How many requests may be without an answer. Default: that of the quota. */
  readonly inFlight?: number | undefined;
  /** How many requests may begin within a second. Default: that of the quota. */
  readonly perSecond?: number | undefined;
}

/**
 * STS allows 600 requests a second in an account and region, to all of its processes together; the portal of IAM Identity
 * Center 20.
 */
const DEFAULTS: Readonly<Record<GatedService, GateLimits>> = {
  sts: { inFlight: 32, perSecond: 400 },
  sso: { inFlight: 10, perSecond: 20 },
  eks: { inFlight: 4, perSecond: 20 },
};

/** The requests to one service of AWS. */
export interface AWSActivity {
  /** Requests without an answer. */
  readonly inFlight: number;
  /** Requests that wait for their turn. */
  readonly waiting: number;
  /** Requests that were sent, since the start. */
  readonly sent: number;
  /** Answers that asked for fewer requests, since the start. */
  readonly throttled: number;
}

/** Idle gates are removed above this number: identities of EKS come and go. */
const MANY = 1_000;

/** The gates of a process, or of a registry with limits of its own. */
export class AWSGates {
  readonly #limits: Readonly<Record<GatedService, GateLimits>>;
  readonly #gates: Readonly<Record<GatedService, Map<string, Gate>>> = {
    sts: new Map(),
    sso: new Map(),
    eks: new Map(),
  };
  readonly #counts = {
    sts: { sent: 0, throttled: 0 },
    sso: { sent: 0, throttled: 0 },
    eks: { sent: 0, throttled: 0 },
  };

  constructor({ assumeRole, sso, eks }: AWSLimits = {}) {
    this.#limits = {
      sts: limitsOf(DEFAULTS.sts, assumeRole),
      sso: limitsOf(DEFAULTS.sso, sso),
      eks: limitsOf(DEFAULTS.eks, eks),
    };
  }

  /** The gate of an endpoint. @param identity whose quota it is, where each identity has its own */
  to(service: GatedService, url: string, identity = ''): GatedWay {
    const gates = this.#gates[service];
    const key = service === 'eks' ? identity : url.replace(/^(\w+:\/\/[^/?#]*).*$/s, '$1');
    const gate = gates.get(key) ?? new Gate(this.#limits[service]);
    if (gates.size >= MANY && !gates.has(key)) {
      for (const [old, { isIdle }] of gates) if (isIdle) gates.delete(old);
    }
    gates.set(key, gate);
    return { gate, counts: this.#counts[service] };
  }

  activities(): Readonly<Record<GatedService, AWSActivity>> {
    return { sts: this.activity('sts'), sso: this.activity('sso'), eks: this.activity('eks') };
  }

  activity(service: GatedService): AWSActivity {
    const gates = [...this.#gates[service].values()];
    const sum = (of: (gate: Gate) => number): number => gates.reduce((total, gate) => total + of(gate), 0);
    return {
      inFlight: sum((gate) => gate.inFlight),
      waiting: sum((gate) => gate.waiting),
      ...this.#counts[service],
    };
  }
}

/** A gate, and where its requests are counted. */
export interface GatedWay {
  readonly gate: Gate;
  readonly counts: { sent: number; throttled: number };
}

/** The gates of this process: the quotas of AWS count all its requests together. */
export const GATES_OF_PROCESS: AWSGates = new AWSGates();

function limitsOf(fallback: GateLimits, given: AWSLimit = {}): GateLimits {
  const { inFlight = fallback.inFlight, perSecond = fallback.perSecond } = given;
  return { inFlight, perSecond };
}
