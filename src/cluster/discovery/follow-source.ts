import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { roleOptionsOf } from '../../aws/stanza/assumed-role.ts';
import { stanzaForCluster } from '../../aws/stanza/stanza.ts';
import { asAuthError } from '../../aws/unexpected-failure.ts';
import { EKSAuthError } from '../../errors.ts';
import { type Kubeconfig, NONE_UNUSABLE } from '../../kubeconfig/read/kubeconfig-file.ts';
import { linkSignals } from '../../system/link-signals.ts';
import { shown } from '../../text/nearest-names.ts';
import type { ChangingSource } from '../clients/cluster-parts.ts';
import { registryClosed } from '../clients/registry-errors.ts';
import type { Follower } from '../follow/followed-kubeconfig.ts';
import { checkDescription } from './check-description.ts';
import type { ClusterDescription, ClusterSource, FollowedSource, SourceContext } from './cluster-source.ts';
import type { SourceCounts } from './source-activity.ts';

/** The part of the registry that its sources use. */
export interface SourceOwner extends Pick<SourceContext, 'host' | 'memory'> {
  readonly closed: AbortSignal;
  readonly clusters: ReadonlyMap<string, unknown>;
  readonly counts: SourceCounts;
  readonly events: { emit(name: 'sourceFailed', event: { part: string; error: EKSAuthError }): void };
  register(description: ClusterDescription, from: DescribedSource): Promise<unknown>;
  unregister(id: string): Promise<unknown>;
}

/** The kubeconfig of one description, and the way its cluster follows the source. */
export interface DescribedSource {
  readonly kubeconfig: Kubeconfig;
  follow(follower: Follower): ChangingSource;
}

/** If a cluster cannot be reached, it is described at most once in this time. */
const DESCRIBED_FOR_MS = 10_000;
/** A request that could not reach its cluster waits for the description so long. One that comes later is used, too. */
const DESCRIBE_MS = 10_000;
/** So many clusters are compared in one turn of the event loop: a list may have a hundred thousand. */
const IN_ONE_TURN = 50;
const BACK_OFF_MS = { first: 1_000, last: 300_000 };
/** A cluster is removed after so many lists without it. */
const ABSENCES = 2;

interface Member {
  description: ClusterDescription;
  follower: Follower | undefined;
  absent: number;
  askedAt: number;
}

/** Registers the clusters of a source, follows their changes and removes those that are gone. */
export function followSource(source: ClusterSource, owner: SourceOwner): FollowedSource {
  const ended = new AbortController();
  const { signal, unlink } = linkSignals([ended.signal, owner.closed]);
  const { host, memory, counts } = owner;
  let isWhole = true;
  const unread = (): void => {
    isWhole = false;
  };
  const failed = (part: string, error: EKSAuthError): void => {
    unread();
    counts.countFailure(error.code);
    owner.events.emit('sourceFailed', { part, error });
  };
  const context: SourceContext = { signal, host, memory, failed, unread };
  counts.complete(ended, host.now());
  const members = new Map<string, Member>();

  const adopt = async (member: Member, description: ClusterDescription): Promise<void> => {
    const sameRole = isDeepStrictEqual(roleOptionsOf(member.description), roleOptionsOf(description));
    if (sameRole && isDeepStrictEqual(contextOf(member.description), contextOf(description))) return;
    member.description = description;
    counts.count('changed');
    if (!sameRole) {
      // These options stand in no kubeconfig, so the cluster is registered again.
      await owner.unregister(description.id);
      return add(description);
    }
    await member.follower?.adopt(contextOf(description)).catch((error) => member.follower?.refused(asAuthError(error)));
  };
  /** Never rejects. */
  const describeAgain = async (id: string, member: Member): Promise<void> => {
    try {
      const description = await source.describe?.(id, context);
      if (signal.aborted || description === undefined || members.get(id) !== member) return;
      checkDescription(description);
      if (description.id !== id) throw otherId(id, description.id);
      await adopt(member, description);
    } catch (error) {
      failed(id, asAuthError(error));
    }
  };
  const changing = (id: string, member: Member): ChangingSource => ({
    refresh: async () => undefined,
    async catchUp() {
      if (signal.aborted || performance.now() - member.askedAt < DESCRIBED_FOR_MS) return;
      member.askedAt = performance.now();
      const answered = new AbortController();
      const late = sleep(DESCRIBE_MS, undefined, { ref: false, signal: answered.signal }).catch(() => undefined);
      await Promise.race([describeAgain(id, member), late]);
      answered.abort();
    },
    leave: () => {
      if (members.get(id) === member) members.delete(id);
    },
  });
  const add = async (description: ClusterDescription): Promise<void> => {
    const { id } = description;
    const member: Member = { description, follower: undefined, absent: 0, askedAt: Number.NEGATIVE_INFINITY };
    const from: DescribedSource = {
      kubeconfig: contextOf(description),
      follow(follower) {
        member.follower = follower;
        members.set(id, member);
        return changing(id, member);
      },
    };
    await owner.register(description, from).then(
      () => counts.count('registered'),
      (error) => failed(id, asAuthError(error)),
    );
  };
  const reconcile = async (list: readonly ClusterDescription[]): Promise<void> => {
    const present = new Map(list.map((description) => [description.id, description]));
    let count = 0;
    for (const [id, description] of present) {
      count += 1;
      if (count % IN_ONE_TURN === 0) await turn();
      if (signal.aborted) return;
      const member = members.get(id);
      if (member) member.absent = 0;
      const fault = faultOf(description);
      if (fault) failed(String(id), fault);
      else if (member) {
        await adopt(member, description);
      } else if (!owner.clusters.has(id)) await add(description);
    }
    for (const [id, member] of members) {
      if (present.has(id)) continue;
      member.absent += 1;
      if (member.absent < ABSENCES) continue;
      counts.count('removed');
      await owner.unregister(id);
    }
  };
  const run = async (first: () => void): Promise<void> => {
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        for await (const list of source.lists(context)) {
          if (signal.aborted) return;
          await reconcile(list);
          if (isWhole) counts.complete(ended, host.now());
          isWhole = true;
          failures = 0;
          first();
          // A source that never pauses leaves time for others.
          await turn();
        }
        return;
      } catch (error) {
        if (signal.aborted) return;
        failed('source', asAuthError(error));
      }
      const pause = Math.min(BACK_OFF_MS.first * 2 ** failures, BACK_OFF_MS.last);
      await sleep(pause, undefined, { signal, ref: false }).catch(() => undefined);
    }
  };
  const ready = new Promise<void>((resolve, reject) => {
    void run(resolve).finally(() => {
      counts.ended(ended);
      reject(notReady(owner.closed, ended.signal));
    });
  });
  // Not every caller waits for this promise, so a rejection must not end the process.
  ready.catch(() => undefined);
  const stop = (): void => {
    ended.abort();
    unlink();
  };
  return { ready, stop, [Symbol.dispose]: stop };
}

/** Why no list of a source was registered. */
function notReady(closed: AbortSignal, stopped: AbortSignal): EKSAuthError {
  if (closed.aborted) return registryClosed();
  return stopped.aborted
    ? new EKSAuthError('INVALID_CONFIG', 'The source was stopped before its first list was registered.', {
        remedy: 'Stop a source after its `ready`, or do not wait for it.',
      })
    : new EKSAuthError('INVALID_CONFIG', 'The source has ended without a list of clusters.', {
        remedy: 'Let lists() yield a list; one without clusters is `yield []`.',
      });
}

function faultOf(description: ClusterDescription): EKSAuthError | undefined {
  try {
    checkDescription(description);
    return undefined;
  } catch (error) {
    return asAuthError(error);
  }
}

function otherId(asked: string, id: string): EKSAuthError {
  return new EKSAuthError(
    'INVALID_CONFIG',
    `A ClusterSource described ${shown(id)} when it was asked for ${shown(asked)}.`,
    {
      remedy: 'Let describe(id) return the description of that cluster, or undefined.',
    },
  );
}

function contextOf(description: ClusterDescription): Kubeconfig {
  const { id: name, cluster, region, profile, roleArn, server, certificateAuthorityData } = description;
  const identity = { region, ...(profile !== undefined && { profile }), ...(roleArn !== undefined && { roleArn }) };
  const { command, args = [] } = stanzaForCluster({ ...cluster, ...identity });
  const entry = { name, server, caData: certificateAuthorityData, skipTLSVerify: false };
  const file = {
    place: 'a followed source',
    currentContext: name,
    contexts: new Map([[name, { name, cluster: name, user: name }]]),
    clusters: new Map([[name, entry]]),
    users: new Map([[name, { name, exec: { command, args, env: [] } }]]),
    unusable: NONE_UNUSABLE,
  };
  return [file];
}
