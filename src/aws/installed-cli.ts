import type { CLIVersion } from './eks-auth-config.ts';

/** What is known of an AWS CLI by its version. */
export interface InstalledCLI {
  readonly version: CLIVersion;
  /** AWS_ENDPOINT_URL and its kin count. */
  readonly endpointsConfigurable: boolean;
}
