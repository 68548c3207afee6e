import { askCallerIdentity, type CallerAnswer } from '../../aws/mint/caller-identity.ts';
import { EKSAuthError } from '../../errors.ts';
import { overlaid } from '../../host.ts';
import { type Command, defineCommand, EXIT, type Line, type Terminal, UsageError } from '../command.ts';
import type { Options } from '../command-line/options.ts';
import { noCommand } from '../contexts/context-errors.ts';
import { type DescribedContext, describeContexts } from '../contexts/describe-context.ts';
import { type LoadedContext, loadContexts } from '../contexts/load-contexts.ts';
import { clusterNames, pickOrCurrent } from '../contexts/pick-contexts.ts';
import { obtainCredential } from '../identity/context-credential.ts';
import { networkFailure } from '../identity/network-failure.ts';
import { type SeenByCluster, seenByCluster } from '../identity/seen-by-cluster.ts';
import { printable, wrapped } from '../terminal/display-width.ts';
import { painter } from '../terminal/paint.ts';
import { printResult } from '../terminal/print-result.ts';

const options = {} as const satisfies Options;

/** `ekspress whoami`. */
export const whoami: Command = defineCommand({
  name: 'whoami',
  group: 'Who you are',
  summary: 'your AWS identity, and what the cluster makes of it',
  usage: ['[CONTEXT]'],
  options,
  globals: ['kubeconfig', 'context', 'output'],
  choices: (words) => (words.length === 0 ? 'contexts' : []),
  about: [
    'Without a context: the current one. It uses the token that kubectl would use, from the shared cache or newly made, and asks AWS and the API server at the same time. Exit status 1 if one of them does not know you.',
  ],
  examples: ['ekspress whoami', 'ekspress whoami prod -o json | jq -r .aws.arn'],
  run,
});

async function run({ words }: Line<typeof options>, terminal: Terminal): Promise<number> {
  const [chosen, ...others] = pickOrCurrent(await loadContexts(terminal), [...terminal.options.contexts, ...words]);
  if (chosen === undefined || others.length > 0) throw new UsageError('Give one context.');
  if (chosen.problem) throw chosen.problem;
  const [context] = await describeContexts([chosen], terminal.env);
  if (context?.exec === undefined || context.original === undefined) throw noCommand(chosen.name);
  const credential = await obtainCredential({ ...context, stanza: context.original }, terminal);
  if (typeof credential === 'number') return EXIT.failure;
  const { token } = credential;
  const [aws, cluster] = await Promise.all([
    whoForAWS(token, context, chosen, terminal),
    whoForCluster(token, chosen, terminal),
  ]);
  const { config, account, profile } = context;
  const identity = aws instanceof EKSAuthError ? undefined : aws?.identity;
  const value = {
    context: context.name,
    cluster: config?.clusterName ?? config?.clusterId ?? clusterNames(chosen)[0] ?? null,
    region: config?.region ?? null,
    aws: {
      arn: identity?.arn ?? null,
      account: identity?.account ?? account ?? null,
      profile: profile ?? null,
      problem: awsProblem(aws) ?? null,
    },
    kubernetes: {
      username: cluster instanceof EKSAuthError ? null : (cluster.username ?? null),
      groups: cluster instanceof EKSAuthError ? [] : cluster.groups,
      problem: clusterProblem(cluster) ?? null,
    },
  };
  printResult(terminal, value, () => linesOf(value, cluster, terminal));
  return value.aws.problem === null && value.kubernetes.problem === null ? EXIT.ok : EXIT.failure;
}

/** Undefined if the token is not one for EKS, or if the name of its cluster is not known. */
async function whoForAWS(
  token: string,
  { config }: DescribedContext,
  chosen: LoadedContext,
  { env, signal }: Terminal,
): Promise<CallerAnswer | EKSAuthError | undefined> {
  const cluster = config?.clusterName ?? config?.clusterId ?? clusterNames(chosen)[0];
  if (!token.startsWith('k8s-aws-v1.') || cluster === undefined) return undefined;
  const own = overlaid(env, config?.exec.env.toEnvironment() ?? {});
  return askCallerIdentity({ token, cluster, env: own, now: () => new Date(), signal }).catch((error: unknown) =>
    networkFailure(error, 'STS cannot be reached'),
  );
}

async function whoForCluster(
  token: string,
  { selected }: LoadedContext,
  { env, signal }: Terminal,
): Promise<SeenByCluster | EKSAuthError> {
  if (!selected) return networkFailure(new Error('no cluster'), 'The API server cannot be asked');
  return seenByCluster(selected.cluster, env, { token, signal }).catch((error: unknown) =>
    networkFailure(error, `${selected.cluster.server} cannot be asked`),
  );
}

function awsProblem(answer: CallerAnswer | EKSAuthError | undefined): string | undefined {
  if (answer instanceof EKSAuthError) return answer.message;
  if (answer === undefined || answer.identity) return undefined;
  return `${answer.host} refuses the credentials: ${answer.refusal}`;
}

function clusterProblem(answer: SeenByCluster | EKSAuthError): string | undefined {
  if (answer instanceof EKSAuthError) return answer.message;
  if (answer.status === 401)
    return 'the cluster does not know this identity (401): it needs an access entry (`aws eks create-access-entry`)';
  return answer.status >= 300 ? `the API server answers ${answer.status}` : undefined;
}

interface WhoAmI {
  readonly context: string;
  readonly cluster: string | null;
  readonly region: string | null;
  readonly aws: Readonly<Record<'arn' | 'account' | 'profile' | 'problem', string | null>>;
  readonly kubernetes: {
    readonly username: string | null;
    readonly groups: readonly string[];
    readonly problem: string | null;
  };
}

function linesOf(
  { context, cluster, region, aws, kubernetes }: WhoAmI,
  seen: SeenByCluster | EKSAuthError,
  { screen }: Terminal,
): string {
  const paint = painter(screen);
  const place = [cluster !== context && cluster, region].filter(Boolean).join(' in ');
  const profile = aws.profile === null ? '' : ` (profile ${aws.profile})`;
  const old = !(seen instanceof EKSAuthError) && seen.username === undefined;
  const rows = [
    ['Context', context + (place && ` (${place})`), null],
    ['AWS', `${aws.arn ?? 'not an EKS token, so AWS was not asked'}${profile}`, aws.problem],
    ['Kubernetes', old ? 'known; this server does not tell the name' : (kubernetes.username ?? ''), kubernetes.problem],
    ...(kubernetes.groups.length > 0 ? [['Groups', kubernetes.groups.join(', '), null] as const] : []),
  ] as const;
  const indent = ' '.repeat(12);
  return rows
    .map(([title, text, problem]) => {
      const shown = wrapped(indent + printable(problem ?? text), screen.columns, indent).trimStart();
      return `${title.padEnd(12)}${problem === null ? shown : paint('red', shown)}\n`;
    })
    .join('');
}
