import { askCallerIdentity } from '../aws/mint/caller-identity.ts';
import type { Cluster } from '../cluster/clients/cluster.ts';
import { type Host, withEnvironment } from '../host.ts';
import { linkSignals } from '../system/link-signals.ts';

/** How long STS may take, in milliseconds: the answer without the names is useful, too. */
const PATIENCE_MS = 5_000;
const SESSION = /^arn:(aws[a-z-]*):sts::(\d{12}):assumed-role\/([^/]+)\/([^/]+)$/;

/** What AWS says of the caller. */
export interface CallerWords {
  readonly words: readonly string[];
  /** Why there are no words. */
  readonly missing?: 'no answer' | 'refused';
}

const UNANSWERED: CallerWords = { words: [], missing: 'no answer' };
const asked = new WeakMap<Cluster, Promise<CallerWords>>();

/**
 * The names of the caller as AWS tells them: its ARN, and for a role the ARN and the name of the role and the session.
 * STS gets the token, which is a request to STS. It is asked once for each cluster, and again where it did not answer.
 */
export async function callerWords(cluster: Cluster, host: Host, signal: AbortSignal): Promise<CallerWords> {
  const before = asked.get(cluster);
  if (before !== undefined) return before;
  const answer = ask(cluster, host, signal).catch(() => UNANSWERED);
  asked.set(cluster, answer);
  if ((await answer).missing !== undefined) asked.delete(cluster);
  return answer;
}

async function ask(cluster: Cluster, host: Host, signal: AbortSignal): Promise<CallerWords> {
  const { eksAuth } = cluster;
  if (eksAuth === undefined) return UNANSWERED;
  const { env, now } = withEnvironment(host, eksAuth.exec.env.toEnvironment());
  const { token } = await cluster.getToken({ signal });
  const ended = linkSignals([signal], PATIENCE_MS);
  const named = eksAuth.clusterName ?? eksAuth.clusterId ?? '';
  const { identity } = await askCallerIdentity({ token, env, now, cluster: named, signal: ended.signal }).finally(
    ended.unlink,
  );
  if (identity === undefined) return { words: [], missing: 'refused' };
  const [, partition, account, role = '', session = ''] = SESSION.exec(identity.arn) ?? [];
  if (partition === undefined) return { words: [identity.arn] };
  return { words: [identity.arn, `arn:${partition}:iam::${account}:role/${role}`, role, session] };
}
