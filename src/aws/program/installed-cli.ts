import type { CLIVersion } from '../stanza/get-token-arguments.ts';

/** What is known of an AWS CLI by its version. */
export interface InstalledCLI {
  readonly version: CLIVersion;
  /** Whether AWS_ENDPOINT_URL and the related variables have an effect. */
  readonly endpointsConfigurable: boolean;
  /** At least as new as the release whose answers are recorded in test/vectors: it knows all that we know. */
  readonly recorded: boolean;
  /**
   * Released since the spring of 2025: it knows the Pod Identity agent, AWS_EC2_METADATA_V1_DISABLED, and SSO as the source of
   * a role.
   */
  readonly modern: boolean;
  /** The name of its cache file for a web identity is made from the token, too. */
  readonly cacheByToken: boolean;
}

/**
 * What a file called `aws` is. `tool`: the program that its name says. `shim`: a version manager's script, which starts the
 * release that the working directory or a variable chooses. `script`: anything else, which may choose another identity.
 */
export type ProgramKind = 'tool' | 'shim' | 'script';
