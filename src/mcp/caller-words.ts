import { askCallerIdentity } from '../aws/mint/caller-identity.ts';
import type { Cluster } from '../cluster/clients/cluster.ts';
import { type Host, withEnvironment } from '../host.ts';
import { linkSignals } from '../system/link-signals.ts';

/** How long STS may take, in milliseconds: the answer without the names is useful, too. */
const PATIENCE_MS = 5_000;
const SESSION = /^arn:(aws[a-z-]*):sts::(\d{12}):assumed-role\/([^/]+)\/([^/]+)$/;

const asked = new WeakMap<Cluster, Promise<readonly string[]>>();

/**
 * The names of the caller as AWS tells them: its ARN, and for a role the ARN and the name of the role and the session.
 * Empty where AWS does not answer. STS gets the token, which is a request to STS. It is asked once for each cluster.
 */
export async function callerWords(cluster: Cluster, host: Host, signal: AbortSignal): Promise<readonly string[]> {
  const before = asked.get(cluster);
  if (before !== undefined) return before;
  const words = ask(cluster, host, signal).catch(() => []);
  asked.set(cluster, words);
  if ((await words).length === 0) asked.delete(cluster);
  return words;
}

async function ask(cluster: Cluster, host: Host, signal: AbortSignal): Promise<readonly string[]> {
  const { eksAuth } = cluster;
  if (eksAuth === undefined) return [];
  const { env, now } = withEnvironment(host, eksAuth.exec.env.toEnvironment());
  const { token } = await cluster.getToken({ signal });
  const ended = linkSignals([signal], PATIENCE_MS);
  const named = eksAuth.clusterName ?? eksAuth.clusterId ?? '';
  const { identity } = await askCallerIdentity({ token, env, now, cluster: named, signal: ended.signal }).finally(
    ended.unlink,
  );
  if (identity === undefined) return [];
  const [, partition, account, role = '', session = ''] = SESSION.exec(identity.arn) ?? [];
  if (partition === undefined) return [identity.arn];
  return [identity.arn, `arn:${partition}:iam::${account}:role/${role}`, role, session];
}
