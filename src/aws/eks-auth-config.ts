import type { ExecEnvironment } from './exec-environment.ts';

/** The `exec` stanza of a kubeconfig user, as far as it decides which token comes out. */
export interface ExecStanza {
  /** A name to look up in PATH, or a path. */
  readonly command: string;
  /** What follows it. */
  readonly args?: readonly string[] | null;
  /** Variables over those of the process. */
  readonly env?:
    | readonly {
        /** Of the variable. */
        readonly name: string;
        /** May be a secret. */
        readonly value: string;
      }[]
    | null;
}

/**
 * What an EKS stanza says, in the words of AWS. Everything here comes from flags; what the environment and the AWS
 * files add is found out at each mint. The truth is {@link EKSAuthConfig.exec}: the other fields are its reading.
 */
export interface EKSAuthConfig {
  /** The value of `--cluster-name`. */
  readonly clusterName?: string;
  /** Instead of a name, for local clusters on Outposts; the value of `--cluster-id`. */
  readonly clusterId?: string;
  /** The value of `--region`. */
  readonly region?: string;
  /** The value of `--profile`. */
  readonly profile?: string;
  /** A role to assume on top of the credentials found. */
  readonly roleArn?: string;
  /** aws-iam-authenticator only. */
  readonly externalId?: string;
  /** aws-iam-authenticator only. */
  readonly sessionName?: string;
  /**
   * Names of variables that are part of the identity besides those that AWS knows (`ekspress-exec --key-env NAME`): a
   * credential_process may depend on variables that nobody else can list.
   */
  readonly keyEnv?: readonly string[];
  /**
   * Which AWS CLI to agree with where v1 and v2 would produce different tokens (they disagree on AWS_REGION,
   * AWS_PROFILE and a few more). Default: the installed one, else v2.
   */
  readonly cliVersion?: CLIVersion;
  /** The command as the kubeconfig says it. */
  readonly exec: {
    /** A name to look up in PATH, or a path. */
    readonly command: string;
    /** What follows it. */
    readonly args: readonly string[];
    /** The stanza's variables, their values hidden. */
    readonly env: ExecEnvironment;
  };
}

/** The two generations of the AWS CLI. */
export type CLIVersion = 'v1' | 'v2';
