import { EKSAuthError } from '../../errors.ts';
import { type Host, withEnvironment } from '../../host.ts';
import { mintContext } from '../context/mint-context.ts';
import type { EKSAuthConfig } from '../stanza/eks-auth-config.ts';
import { parseExecConfig } from '../stanza/parse-exec-config.ts';
import { askCallerIdentity } from './caller-identity.ts';
import { mintInProcess } from './in-process-mint.ts';

/** How long STS may take, in milliseconds. */
const PATIENCE_MS = 10_000;
/** The signed cluster name. No real cluster is named, because the answer of STS does not depend on it. */
const NO_CLUSTER = 'none';

/**
 * The AWS account of the credentials that a stanza uses before it assumes its own role (`--role-arn`). STS is asked
 * with these credentials. The role is not assumed, and no program is started.
 * @throws EKSAuthError NO_CREDENTIALS and the like, NETWORK, EXEC_DENIED where only a program can get the credentials
 */
export async function accountOfCredentials(config: EKSAuthConfig, host: Host): Promise<string> {
  const { region, profile } = config;
  const args = [
    ...(region === undefined ? [] : ['--region', region]),
    ...(profile === undefined ? [] : ['--profile', profile]),
    ...['eks', 'get-token', '--cluster-name', NO_CLUSTER],
  ];
  const base = parseExecConfig({ command: 'aws', args, env: config.exec.env });
  const own = withEnvironment(host, config.exec.env.toEnvironment());
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const minted = await mintInProcess(mintContext({ config: base, host: own, programs: false, signal }));
  if (minted.kind !== 'minted') throw unknown('EXEC_DENIED');
  const { token } = minted;
  const answer = await askCallerIdentity({ token, cluster: NO_CLUSTER, env: own.env, now: own.now, signal }).catch(
    (cause: unknown) => {
      throw unknown('NETWORK', cause);
    },
  );
  if (answer.identity === undefined) throw unknown('ACCESS_DENIED');
  return answer.identity.account;
}

function unknown(code: 'EXEC_DENIED' | 'NETWORK' | 'ACCESS_DENIED', cause?: unknown): EKSAuthError {
  return new EKSAuthError(code, 'The AWS account of the credentials that assume the role cannot be found out.', {
    remedy: 'See `aws sts get-caller-identity` with the same profile.',
    cause,
  });
}
