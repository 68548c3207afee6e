import { askCallerIdentity } from '../../aws/mint/caller-identity.ts';
import { readSignIn } from '../../aws/mint/sign-in.ts';
import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import type { Token } from '../../aws/token/token.ts';
import { TokenManager } from '../../aws/token/token-manager.ts';
import { hostFrom, overlaid } from '../../host.ts';
import type { ClusterEntry } from '../../kubeconfig/read/kubeconfig-file.ts';
import { unlessAborted } from '../../system/unless-aborted.ts';
import { APPLY } from '../../text/apply-words.ts';
import type { Terminal } from '../command.ts';
import { contextArgument } from '../contexts/context-words.ts';
import type { DescribedContext } from '../contexts/describe-context.ts';
import { loginLine, loginName } from '../contexts/login-words.ts';
import { askAPIServer } from '../identity/ask-api-server.ts';
import { networkFailure } from '../identity/network-failure.ts';
import { seenByCluster } from '../identity/seen-by-cluster.ts';
import { span } from '../terminal/times.ts';
import { type Check, type Finding, failure, ok, skipped, warning } from './finding.ts';
import { sourceInWords } from './source-words.ts';

type Result = Omit<Finding, 'check'>;

/** SigV4 tolerates five minutes. */
const SKEW = { warning: 60, failure: 300 };
/** In milliseconds. A login that ends sooner is a warning. */
const SOON_MS = 30 * 60_000;

/** The checks of one context. They share one fresh token and do not use the cache. */
export function contextChecks(context: DescribedContext, cluster: ClusterEntry, terminal: Terminal): readonly Check[] {
  const { config } = context;
  const state: Check = { check: 'context', title: 'context', run: async () => [checkState(context)] };
  const server: Check = {
    check: 'server',
    title: 'API server',
    run: async (signal) => [await checkServer(cluster, terminal, signal)],
  };
  const [signIn, credentials, access] = [
    { check: 'sign-in', title: 'sign-in' },
    { check: 'credentials', title: 'credentials' },
    { check: 'access', title: 'access' },
  ] as const;
  if (config === undefined) {
    const run = async () => [skipped(withoutConfig(context))];
    return [state, { ...signIn, run }, { ...credentials, run }, server, { ...access, run }];
  }
  const token = freshToken(config, terminal);
  const login = checkSignIn(config, terminal);
  return [
    state,
    { ...signIn, run: async () => [await login] },
    { ...credentials, run: (signal) => checkCredentials({ config, token, signIn: login }, terminal, signal) },
    server,
    { ...access, run: async (signal) => [await checkRights(cluster, token, terminal, signal)] },
  ];
}

/** Why nothing is known of the tokens of a context. */
function withoutConfig({ behind }: DescribedContext): string {
  return behind ? 'only the program of this context makes its tokens' : 'not a command for EKS tokens';
}

function freshToken(config: EKSAuthConfig, { env, logger, signal }: Terminal): Promise<Token> {
  const token = new TokenManager(config, { env, logger, cache: false }).getValidToken({ signal });
  // Several checks wait for the token. A check that begins to wait later still gets its failure.
  token.catch(() => undefined);
  return token;
}

function checkState({ state, reason, name }: DescribedContext): Result {
  const why = reason === undefined ? '' : `: ${reason}`;
  if (state === 'applied') return ok(`${name} goes through ekspress${why}`);
  if (state === 'drifted') return failure(`${name} has drifted${why}`, `Run \`${APPLY} ${contextArgument(name)}\`.`);
  if (state === 'not-applied' || state === 'wrapped') {
    return warning(`${name} does not go through ekspress${why}`, `Run \`${APPLY} ${contextArgument(name)}\`.`);
  }
  if (state === 'other-command') {
    const remedy = `\`${APPLY} ${contextArgument(name)}\` keeps what it prints, until its end.`;
    return warning(`${name} runs ${reason} for each kubectl command`, remedy);
  }
  return skipped(`${name} is not an EKS context${why}`);
}

async function checkSignIn(config: EKSAuthConfig, { env, logger }: Terminal): Promise<Result> {
  try {
    const found = await readSignIn(config, hostFrom({ env, logger }));
    if (!found) return skipped('only the original command knows where the credentials come from');
    const { login } = found;
    if (found.overridden !== undefined) {
      const words = `credentials come from ${sourceInWords(found.source)}, not from the profile ${found.overridden}`;
      return warning(words, 'Unset AWS_ACCESS_KEY_ID if the profile is meant.');
    }
    if (!login) return ok(`credentials come from ${sourceInWords(found.source)}`);
    const { expiresAt, renews, profile } = login;
    const command = loginLine(login);
    if (!expiresAt) return failure(`the profile ${profile} has no login`, `Run \`${command}\`.`);
    if (renews) return ok(`${loginName(login)} renews itself`);
    const left = expiresAt.getTime() - Date.now();
    if (left <= 0) return failure(`${loginName(login)} ended at ${expiresAt.toISOString()}`, `Run \`${command}\`.`);
    const words = `${loginName(login)} ends in ${span(left / 1000)}`;
    return left < SOON_MS ? warning(words, `To log in again: \`${command}\`.`) : ok(words);
  } catch (error) {
    return named(error);
  }
}

interface ContextCredentials {
  readonly config: EKSAuthConfig;
  readonly token: Promise<Token>;
  readonly signIn: Promise<Result>;
}

async function checkCredentials(
  { config, token, signIn }: ContextCredentials,
  { env }: Terminal,
  signal: AbortSignal,
): Promise<readonly Result[]> {
  const own = overlaid(env, config.exec.env.toEnvironment());
  const cluster = config.clusterName ?? config.clusterId ?? '';
  const made = await unlessAborted(token, signal).catch((error: unknown) =>
    named(error, 'there are no credentials yet'),
  );
  // Where the sign-in has failed, that is why, and it is explained there.
  if ('result' in made) return [(await signIn).result === 'failure' ? failure('there are none: see sign-in') : made];
  try {
    const request = { token: made.token, cluster, env: own, now: () => new Date(), signal };
    const answer = await askCallerIdentity(request);
    const skew = skewOf(answer.clockAheadSeconds);
    if (answer.identity) return [ok(`AWS knows you as ${answer.identity.arn} (${answer.host})`), ...skew];
    const remedy = 'Check the credentials: `aws sts get-caller-identity`, with the same profile.';
    return [failure(`${answer.host} refuses the credentials: ${answer.refusal}`, remedy), ...skew];
  } catch (error) {
    return [named(error, 'STS cannot be reached')];
  }
}

function skewOf(ahead: number | undefined): Result[] {
  if (ahead === undefined) return [];
  const words = `the clock of this machine is ${span(Math.abs(ahead))} ${ahead >= 0 ? 'ahead of' : 'behind'} AWS`;
  if (Math.abs(ahead) >= SKEW.failure)
    return [failure(words, 'Set the clock: AWS refuses signatures five minutes off.')];
  if (Math.abs(ahead) >= SKEW.warning) return [warning(words, 'Set the clock.')];
  return [ok(words)];
}

async function checkServer(cluster: ClusterEntry, { env }: Terminal, signal: AbortSignal): Promise<Result> {
  try {
    const { status, proxy } = await askAPIServer(cluster, env, { path: 'version', signal });
    const through = proxy === undefined ? '' : ` through the proxy ${proxy}`;
    return status < 500
      ? ok(`${cluster.server} answers${through}`)
      : failure(
          `${cluster.server} answers ${status}${through}`,
          'See the state of the cluster: `aws eks describe-cluster`.',
        );
  } catch (error) {
    return named(error, `${cluster.server} cannot be reached`);
  }
}

async function checkRights(
  cluster: ClusterEntry,
  token: Promise<Token>,
  { env }: Terminal,
  signal: AbortSignal,
): Promise<Result> {
  // The check of the credentials tells why there is no token.
  const made = await unlessAborted(token, signal).catch(() => undefined);
  if (!made) return skipped('there is no token');
  try {
    const { status, username: name } = await seenByCluster(cluster, env, { token: made.token, signal });
    if (status === 401) {
      return failure(
        `${cluster.server} does not know this identity (401)`,
        'Give it an access entry (`aws eks create-access-entry`) or a line in the config map aws-auth.',
      );
    }
    if (status >= 300) return failure(`${cluster.server} answers ${status}`, 'Ask the operator of the cluster.');
    return ok(name === undefined ? 'the API server knows you' : `the API server knows you as ${name}`);
  } catch (error) {
    return named(error, `${cluster.server} cannot be asked`);
  }
}

/** The finding for an error. An EKSAuthError has its own remedy, other errors come from the network. */
function named(error: unknown, what = ''): Result {
  const { message, remedy } = networkFailure(error, what);
  return failure(message, remedy);
}
