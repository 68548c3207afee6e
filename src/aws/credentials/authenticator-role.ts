import { EKSAuthError } from '../../errors.ts';
import type { VariableName } from '../../recording/mint-variables.ts';
import type { Credentials } from '../context/credentials.ts';
import type { MintContext } from '../context/mint-context.ts';
import type { STSEndpoint } from '../endpoint/sts-endpoint.ts';
import type { HTTPSettings } from '../plan/plan.ts';
import type { SigningKeys } from '../sign/signing-keyring.ts';
import { Undecidable } from '../undecidable.ts';
import { assumeRole, callerUserId, type STSMint } from './sts-client.ts';

/** How aws-iam-authenticator assumes its role. */
interface Role {
  readonly roleArn: string;
  readonly externalId?: string;
  readonly sessionName?: string;
  readonly forwardSessionName: boolean;
  readonly generatedPrefix: string;
}

/** The default of both SDKs. aws-iam-authenticator sets no other duration. */
const DURATION_SECONDS = 900;
const CONNECT_TIMEOUT_MS = 30_000;
const READ_TIMEOUT_MS = 60_000;
const ATTEMPTS = 3;

/**
 * Assumes the role with the requests of aws-iam-authenticator.
 * @throws EKSAuthError where STS refuses
 * @throws Undecidable where STS is not reached: the original command may reach it in another way
 */
export async function authenticatorRole(
  mint: MintContext,
  sts: STSEndpoint,
  keys: SigningKeys,
  role: Role,
): Promise<Credentials> {
  const call: STSMint = {
    ...mint,
    sts,
    plan: {
      http: httpSettings(mint),
      retry: { mode: 'standard', attempts: ATTEMPTS, attemptsWithoutAnswer: ATTEMPTS },
    },
  };
  try {
    const { credentials } = await assumeRole(call, undefined, keys, {
      RoleArn: role.roleArn,
      RoleSessionName: await sessionNameOf(call, keys, role),
      DurationSeconds: DURATION_SECONDS,
      ...(role.externalId !== undefined && { ExternalId: role.externalId }),
    });
    return credentials;
  } catch (error) {
    if (error instanceof EKSAuthError && error.code === 'NETWORK') throw new Undecidable(error.message);
    throw error;
  }
}

async function sessionNameOf(call: STSMint, keys: SigningKeys, role: Role): Promise<string> {
  if (role.forwardSessionName) {
    const [, name, ...more] = (await callerUserId(call, keys)).split(':');
    if (name !== undefined && more.length === 0) {
      if (name.length < 2)
        throw new Undecidable('some releases of aws-iam-authenticator refuse so short a session name');
      return name;
    }
  }
  return role.sessionName ?? `${role.generatedPrefix}${BigInt(call.now().getTime()) * 1_000_000n}`;
}

/**
 * The settings of the requests. Go reads the variables of proxies by its own rules. Where these differ from the AWS
 * CLI's, the proxy is uncertain.
 */
function httpSettings({ recorder }: MintContext): HTTPSettings {
  const either = (upper: VariableName, lower: VariableName) => [recorder.variable(upper), recorder.variable(lower)];
  const [proxy, other] = either('HTTPS_PROXY', 'https_proxy');
  const direct = either('NO_PROXY', 'no_proxy').some(Boolean);
  if ((proxy || other) && (direct || (proxy && other && proxy !== other)))
    throw new Undecidable('the variables for proxies are read in two ways');
  const caBundle = recorder.variable('AWS_CA_BUNDLE');
  if (caBundle?.startsWith('~')) throw new Undecidable('AWS_CA_BUNDLE is read in two ways');
  return {
    ...(caBundle && { caBundle }),
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    readTimeoutMs: READ_TIMEOUT_MS,
  };
}
