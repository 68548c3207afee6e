import type { CLIVersion } from '../stanza/get-token-arguments.ts';

/** What is known of an AWS CLI by its version. */
export interface InstalledCLI {
  readonly version: CLIVersion;
  /** AWS_ENDPOINT_URL and its kin count. */
  readonly endpointsConfigurable: boolean;
  /** At least as new as the release whose answers are recorded in test/vectors: it knows all that we know. */
  readonly recorded: boolean;
}

/** A program as the system finds it when it is called. */
export interface InstalledProgram {
  readonly path: string;
  readonly mtimeMs: number;
  readonly size: number;
  /** The tool that its name says, and not a script of somebody's around it. */
  readonly itself: boolean;
}
