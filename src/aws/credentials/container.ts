import { setTimeout as sleep } from 'node:timers/promises';
import { EKSAuthError } from '../../errors.ts';
import type { Recorder } from '../../recording/recorder.ts';
import { isJSON } from '../../system/mapping.ts';
import { blankSecrets } from '../../text/blank-secrets.ts';
import { ForeignText } from '../../text/foreign-text.ts';
import { own, sentence } from '../../text/sentence.ts';
import type { Credentials } from '../context/credentials.ts';
import type { PlannedMint } from '../context/mint-context.ts';
import { shareCredentials, shareRequest } from '../context/share-credentials.ts';
import { networkFailure } from '../http/exchange.ts';
import { requireURL } from '../http/read-url.ts';
import { type HTTPResponse, TransportError } from '../http/transport.ts';
import type { ContainerSource } from '../plan/plan.ts';
import { credentialsFromAnswer } from './metadata-answer.ts';

/** botocore makes three attempts, waits two seconds for each answer, and pauses for a second between two attempts. */
const ATTEMPTS = 3;
const TIMEOUT_MS = 2_000;
const PAUSE_MS = 1_000;

/** ECS task roles and EKS Pod Identity: a service on this host hands out credentials. */
export async function containerCredentials(source: ContainerSource, mint: PlannedMint): Promise<Credentials> {
  const { recorder } = mint;
  recorder.bindToHost();
  const authorization = await readAuthorization(source, mint);
  const parts = ['container', source.url, authorization];
  const fetch = async () => {
    const response = await ask(source, authorization, mint);
    const credentials = response.status === 200 ? credentialsFromAnswer(response.body) : undefined;
    if (credentials) return credentials;
    throw refusal(source, response, authorization);
  };
  if (LINK_LOCAL.test(source.url)) return shareCredentials(mint, parts, async () => ({ credentials: await fetch() }));
  // Another program's server may hand out another role under the same address.
  recorder.keepInMemory('the server of the container credentials may change their role');
  return (await shareRequest(mint, parts, fetch)) as Credentials;
}

/** The agents of ECS and EKS: a task or a pod keeps its role as long as it lives. */
const LINK_LOCAL = /^https?:\/\/(?:169\.254\.170\.2|169\.254\.170\.23|\[fd00:ec2::23\])(?:[:/?]|$)/;

/** How the agents of AWS refuse: `[request]: (ExpiredTokenException): The token is expired, fault: client`. */
const AGENT_REFUSAL = /(\([A-Z]\w+Exception\): [^\n]{1,300})/;

function refusal(
  source: ContainerSource,
  { status, body }: HTTPResponse,
  authorization: string | undefined,
): EKSAuthError {
  if (status >= 500 || status === 429) {
    return new EKSAuthError('NETWORK', `The container credentials at ${place(source)} fail (status ${status}).`, {
      remedy: 'See what the ECS agent, or the Pod Identity agent (eks-pod-identity-agent), of this node says.',
    });
  }
  if (status === 200 && !isJSON(body)) {
    return new EKSAuthError('NETWORK', `What answers at ${place(source)} hands out no container credentials.`, {
      remedy: 'Check AWS_CONTAINER_CREDENTIALS_FULL_URI: something else may be answering there.',
    });
  }
  const how = own(status === 200 ? 'without keys' : `status ${status}`);
  const [, said] =
    AGENT_REFUSAL.exec(status === 200 || (authorization && body.includes(authorization)) ? '' : body) ?? [];
  const reason = said === undefined ? own('') : sentence`: ${new ForeignText(blankSecrets(said))}`;
  const message = sentence`The container credentials at ${own(place(source))} are refused (${how})${reason}.`;
  return new EKSAuthError('NO_CREDENTIALS', message, {
    remedy: /expired/i.test(said ?? '')
      ? 'Renew the authorization token that the request sends: in a pod the kubelet writes it to AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE.'
      : 'Check the task role, or the Pod Identity association of the service account.',
  });
}

async function ask(
  source: ContainerSource,
  authorization: string | undefined,
  { transport, plan, signal }: PlannedMint,
): Promise<HTTPResponse> {
  const headers = { accept: 'application/json', ...(authorization === undefined ? {} : { authorization }) };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await transport({
        method: 'GET',
        url: source.url,
        headers,
        proxied: false,
        ...plan.http,
        connectTimeoutMs: TIMEOUT_MS,
        readTimeoutMs: TIMEOUT_MS,
        signal,
      });
      if (attempt === ATTEMPTS || (response.status === 200 && isJSON(response.body))) return response;
    } catch (error) {
      const aborted = error instanceof TransportError && error.failure === 'aborted';
      if (attempt === ATTEMPTS || aborted) throw networkFailure(source.url, error);
    }
    await sleep(PAUSE_MS, undefined, signal && { signal }).catch((error: unknown) => {
      throw networkFailure(source.url, new TransportError('aborted', 'aborted', error));
    });
  }
}

async function readAuthorization(source: ContainerSource, { recorder }: PlannedMint): Promise<string | undefined> {
  if (source.authorization === undefined) return undefined;
  const token =
    source.authorizationFile === undefined
      ? inlineToken(recorder)
      : await readTokenFile(source.authorizationFile, recorder);
  if (!/[\r\n]/.test(token)) return token;
  throw new EKSAuthError(
    'INVALID_CONFIG',
    'The authorization token for container credentials has a line break in it.',
    {
      remedy: 'Write it again without one: AWS_CONTAINER_AUTHORIZATION_TOKEN or the file that it names.',
    },
  );
}

function inlineToken(recorder: Recorder): string {
  recorder.keepInMemory('AWS_CONTAINER_AUTHORIZATION_TOKEN may name another role, and no key id names it');
  return recorder.variable('AWS_CONTAINER_AUTHORIZATION_TOKEN') ?? '';
}

async function readTokenFile(path: string, recorder: Recorder): Promise<string> {
  const read = await recorder.readFile(path);
  if (read.state === 'file') return read.bytes.toString('utf8');
  throw new EKSAuthError('NO_CREDENTIALS', `The authorization token file ${path} cannot be read (${read.code}).`, {
    remedy: 'Check the Pod Identity association, or AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE.',
  });
}

function place({ url }: ContainerSource): string {
  return requireURL(url, 'The address of the container credentials').host;
}
