import { EKSAuthError, type EKSAuthErrorCode } from '../../errors.ts';
import { blankSecrets } from '../../text/blank-secrets.ts';
import { own, type Sentence, command as shellCommand } from '../../text/sentence.ts';
import { shellOption } from '../../text/shell-word.ts';
import { refusedKeys } from '../refused-keys.ts';
import { roleDenied } from '../role-denied.ts';

/** How much of a command's stderr goes into an error message. */
const QUOTED_STDERR_CHARACTERS = 2000;

interface FailureClass {
  readonly code: EKSAuthErrorCode;
  readonly pattern: RegExp;
  remedy(profile: string | undefined, said: string): string | Sentence;
}

const withProfile = (command: string, profile: string | undefined): string =>
  profile === undefined ? `\`${command}\`` : `\`${command} ${shellOption('--profile', profile)}\``;

/** How the AWS CLIs tell what AWS has answered. */
const REFUSAL = /An error occurred \((\w+)\) when calling the \w+ operation(?: \(reached max retries: \d+\))?: (.*)/;

/** What the AWS CLIs (v1 1.45, v2 2.36) and aws-iam-authenticator print. The most specific patterns come first. */
const CLASSES: readonly FailureClass[] = [
  {
    code: 'EXEC_FAILED',
    pattern: /Enter MFA code for |Assume Role MFA token code/,
    remedy: (profile) =>
      `An MFA code is needed, and there is no terminal: run ${withProfile('aws sts get-caller-identity', profile)} in a terminal, which keeps the session for an hour, or give ekspress \`mfaCode\`.`,
  },
  {
    code: 'PROFILE_NOT_FOUND',
    // The pattern stops at a second `config profile (`, so that the cost of a search grows linearly with the text.
    pattern: /config profile \((?:(?!config profile \().)*\) could not be found/,
    remedy: () =>
      'List the profiles with `aws configure list-profiles` and correct the name in the kubeconfig or AWS_PROFILE.',
  },
  {
    code: 'SESSION_EXPIRED',
    pattern:
      /Token has expired and refresh failed|SSO session associated with this profile has expired|Error loading SSO Token|reauthenticate|\(ExpiredToken\)|ExpiredTokenException|session has expired/i,
    remedy: (profile) =>
      `Log in: ${withProfile('aws sso login', profile)} (or \`aws login\`, whichever the profile uses).`,
  },
  {
    code: 'ACCESS_DENIED',
    pattern: /\(AccessDenied(?:Exception)?\) when calling the AssumeRole/,
    remedy: (profile, said) => {
      const operation = /calling the (AssumeRole\w*) operation/.exec(said)?.[1] ?? '';
      const flag = profile === undefined ? own('') : shellCommand` --profile ${profile}`;
      const [, remedy] = roleDenied({ operation, arn: /on resource: (arn:\S+)/.exec(said)?.[1], said }, flag);
      return remedy;
    },
  },
  {
    code: 'ACCESS_DENIED',
    pattern: /\(AccessDenied\)|AccessDeniedException|is not authorized to perform/,
    remedy: (profile) => `See whose credentials are used: ${withProfile('aws sts get-caller-identity', profile)}.`,
  },
  {
    code: 'NO_CREDENTIALS',
    pattern: /Unable to locate credentials|NoCredentials|Partial credentials found|NoCredentialProviders/,
    remedy: (profile) =>
      `Configure credentials: ${withProfile('aws configure', profile)} or ${withProfile('aws sso login', profile)}.`,
  },
  {
    code: 'NETWORK',
    pattern:
      /Could not connect to the endpoint URL|Connect timeout on endpoint URL|Read timeout on endpoint URL|SSL validation failed|Failed to connect to proxy|no such host|dial tcp/,
    remedy: () => 'Check the network, HTTPS_PROXY, NO_PROXY and AWS_CA_BUNDLE; the message names the endpoint.',
  },
];

/**
 * The error for a command that ended with a failure, classified by what it said.
 * @param command - how messages call the command
 * @param ended - how it ended, for example `exited with status 255`
 * @param stderr - what it printed there; goes into the message, shortened and without tokens. `undefined` where the
 *   person has seen it already, on their own terminal
 */
export function commandFailure(
  command: string,
  ended: string,
  stderr: string | undefined,
  profile: string | undefined,
): EKSAuthError {
  const said = blankSecrets((stderr ?? '').trim());
  const [, refused, words = ''] = REFUSAL.exec(said) ?? [];
  const flag = profile === undefined ? own('') : shellCommand` --profile ${profile}`;
  const keys = refused === undefined ? undefined : refusedKeys(refused, words, flag);
  const found = CLASSES.find((failure) => failure.pattern.test(said));
  const quoted = said.length > QUOTED_STDERR_CHARACTERS ? `…${said.slice(-QUOTED_STDERR_CHARACTERS)}` : said;
  return new EKSAuthError(
    keys?.[0] ?? found?.code ?? 'EXEC_FAILED',
    `${command} ${ended}${stderr === undefined ? '; what it said stands above.' : quoted === '' ? ' and said nothing.' : `: ${quoted}`}`,
    {
      remedy:
        keys?.[1] ??
        found?.remedy(profile, said) ??
        'Run the command by hand in the same environment to see what it needs.',
    },
  );
}
