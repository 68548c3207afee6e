import type { Cluster } from '../cluster/clients/cluster.ts';
import { forModel } from '../text/foreign-text.ts';
import type { SeenIdentity } from './api/api-server.ts';
import { callerWords } from './caller-words.ts';
import type { ToolContext } from './tool.ts';

/** The identity that an API server sees, with the names that a model may be shown. */
export interface ShownIdentity {
  readonly username?: string;
  readonly groups?: readonly string[];
  readonly arn?: string;
  /** Why the user name is not shown, and how the user sees it. */
  readonly note?: string;
}

const UNTOLD =
  'The API server does not say who asks: Kubernetes does from 1.28 on. Ask the user what `aws sts get-caller-identity` prints.';

/** Only the API server says the name. STS could have confirmed it. */
const WHY = {
  'no answer': ', and STS, which could confirm it, cannot be reached from this server',
  refused: ', and STS, which could confirm it, refused to answer',
  another: '',
} as const;

/**
 * An API server may answer with anything, so its names are shown only if the operator, this session or AWS says them. AWS is
 * asked who the caller is only where the others do not say it.
 */
export async function shownIdentity(
  { username, groups, arn }: SeenIdentity,
  cluster: Cluster,
  { clusters, words, signal }: Pick<ToolContext, 'clusters' | 'words' | 'signal'>,
): Promise<ShownIdentity> {
  const isUnknown = [username, arn].some((name) => name !== undefined && !words.has(forModel(name)));
  const caller = isUnknown ? await callerWords(cluster, clusters.host, signal) : undefined;
  clusters.words.learn(caller?.words);
  const isHidden = username !== undefined && !words.has(forModel(username));
  const why = WHY[caller?.missing ?? 'another'];
  return {
    ...(groups !== undefined && { groups: groups.map((group) => words.show(group)) }),
    ...(username !== undefined && { username: words.show(username) }),
    ...(arn !== undefined && { arn: words.show(arn) }),
    ...(groups === undefined && { note: UNTOLD }),
    ...(isHidden && {
      note: `The user name is not shown: only the API server says it${why}. Names in the AWS files and the --trust-kubeconfig files of the operator are shown. The user sees it with \`kubectl auth whoami\` in this context.`,
    }),
  };
}
