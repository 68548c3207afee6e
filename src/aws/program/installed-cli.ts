import type { CLIVersion } from '../stanza/get-token-arguments.ts';

/** What is known of an AWS CLI by its version. */
export interface InstalledCLI {
  readonly version: CLIVersion;
  /** AWS_ENDPOINT_URL and its kin count. */
  readonly endpointsConfigurable: boolean;
  /** At least as new as the release whose answers are recorded in test/vectors: it knows all that we know. */
  readonly recorded: boolean;
  /**
   * Released since the spring of 2025: it knows the Pod Identity agent, AWS_EC2_METADATA_V1_DISABLED, and SSO as the source of
   * a role.
   */
  readonly modern: boolean;
  /** Its cache keeps what a web identity bought under a name that the token is part of. */
  readonly cacheByToken: boolean;
}

/**
 * What a file called `aws` is. `tool`: the program that its name says. `shim`: a version manager's script, which starts the
 * release that the working directory or a variable chooses. `script`: anything else, which may choose another identity.
 */
export type ProgramKind = 'tool' | 'shim' | 'script';
