import type { InspectOptions, inspect } from 'node:util';
import { EKSAuthError } from '../../errors.ts';
import { INSPECT } from '../../host.ts';
import { type AssumedRoleOptions, roleOptionsOf } from './assumed-role.ts';
import type { ExecEnvironment } from './exec-environment.ts';
import type { CLIVersion } from './get-token-arguments.ts';
import type { StanzaCommand } from './stanza-command.ts';

/** The `exec` stanza of a kubeconfig user, as far as it decides which token comes out. */
export interface ExecStanza {
  /** A name to look up in PATH, or a path. */
  readonly command: string;
  /** What follows it. */
  readonly args?: readonly string[] | null | undefined;
  /** Variables over those of the process. A parsed stanza's `env` may be passed on as it is. */
  readonly env?:
    | readonly {
        /** Of the variable. */
        readonly name: string;
        /** May be a secret. */
        readonly value: string;
      }[]
    | ExecEnvironment
    | null
    | undefined;
}

/** What the parsers have read from a stanza. */
export interface ParsedStanza {
  readonly exec: EKSAuthConfig['exec'];
  readonly command: StanzaCommand;
  /** What the arguments say of the identity. */
  readonly identity: StanzaIdentity;
  readonly keyEnv: readonly string[] | undefined;
  readonly encrypt: string | undefined;
  readonly cliVersion: CLIVersion | undefined;
}

/** The flags of a command that decide whose token it gets, and for which cluster. */
export interface StanzaIdentity extends AssumedRoleOptions {
  readonly clusterName?: string;
  readonly clusterId?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly roleArn?: string;
}

let make: (parsed: ParsedStanza) => EKSAuthConfig;
let isMade: (value: unknown) => value is EKSAuthConfig;

/**
 * An EKS stanza, read once: `parseExecConfig`, `parseEKSConfig` and the registry make it, and nothing else does. The cache
 * key and the token both come from this one value, so it cannot be changed: a copy such as `{ ...config, profile }` is not
 * an EKSAuthConfig, neither for the compiler nor at run time. Parse another stanza for another identity.
 *
 * The fields say what the flags say, in the words of AWS. What the environment and the AWS files add is found out at
 * each mint.
 * @example
 * ```ts
 * import { type EKSAuthConfig, parseExecConfig } from 'ekspress';
 *
 * const args = ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev', '--profile', 'acme'];
 * const config: EKSAuthConfig = parseExecConfig({ command: 'aws', args });
 * console.log(config.clusterName, config.region, config.profile);
 * ```
 */
export class EKSAuthConfig {
  readonly #parsed: ParsedStanza;

  static {
    make = (parsed) => new EKSAuthConfig(parsed, make);
    isMade = (value): value is EKSAuthConfig => typeof value === 'object' && value !== null && #parsed in value;
  }

  private constructor(parsed: ParsedStanza, by: unknown) {
    if (by !== make) throw notParsed('An EKSAuthConfig has no public constructor');
    this.#parsed = parsed;
  }

  /** The value of `--cluster-name`. */
  get clusterName(): string | undefined {
    return this.#parsed.identity.clusterName;
  }

  /** Instead of a name, for local clusters on Outposts; the value of `--cluster-id`. */
  get clusterId(): string | undefined {
    return this.#parsed.identity.clusterId;
  }

  /** The value of `--region`. */
  get region(): string | undefined {
    return this.#parsed.identity.region;
  }

  /** The value of `--profile`. */
  get profile(): string | undefined {
    return this.#parsed.identity.profile;
  }

  /** A role to assume on top of the credentials found. */
  get roleArn(): string | undefined {
    return this.#parsed.identity.roleArn;
  }

  /** What the trust policy of the role asks for: an argument of aws-iam-authenticator, or an option of the parser. */
  get externalId(): string | undefined {
    return this.#parsed.identity.externalId;
  }

  /** The name of the role's session: an argument of aws-iam-authenticator, or an option of the parser. */
  get sessionName(): string | undefined {
    return this.#parsed.identity.sessionName;
  }

  /** How long the credentials of the role live: an option of the parser. */
  get durationSeconds(): number | undefined {
    return this.#parsed.identity.durationSeconds;
  }

  /** The session tags of the role: an option of the parser. */
  get tags(): Readonly<Record<string, string>> | undefined {
    return this.#parsed.identity.tags;
  }

  /** The keys of the session tags that further roles inherit: an option of the parser. */
  get transitiveTagKeys(): readonly string[] | undefined {
    return this.#parsed.identity.transitiveTagKeys;
  }

  /**
   * Names of variables that are part of the identity besides those that AWS knows (`ekspress-exec --key-env NAME`): a
   * credential_process may depend on variables that are not known to AWS tools.
   */
  get keyEnv(): readonly string[] | undefined {
    return this.#parsed.keyEnv;
  }

  /**
   * The key file of `ekspress-exec --encrypt[=FILE]`, empty for the one in memory. Undefined: entries of the shared cache are
   * plain.
   */
  get encrypt(): string | undefined {
    return this.#parsed.encrypt;
  }

  /**
   * Which AWS CLI to agree with where v1 and v2 would produce different tokens (they disagree on AWS_REGION,
   * AWS_PROFILE and a few more). Undefined: the installed one, else v2.
   */
  get cliVersion(): CLIVersion | undefined {
    return this.#parsed.cliVersion;
  }

  /** The command as the kubeconfig says it. */
  get exec(): {
    /** A name to look up in PATH, or a path. */
    readonly command: string;
    /** What follows it. */
    readonly args: readonly string[];
    /** The stanza's variables, their values hidden. */
    readonly env: ExecEnvironment;
  } {
    return this.#parsed.exec;
  }

  /** @internal The tool's command inside the stanza. */
  get command(): StanzaCommand {
    return this.#parsed.command;
  }

  /** The fields that have a value, for logs and comparisons; the values of `exec.env` are hidden. */
  toJSON(): Readonly<Record<string, unknown>> {
    const { exec } = this;
    return { ...fieldsOf(this.#parsed), exec: { ...exec, env: exec.env.toJSON() } };
  }

  static {
    const value = function (this: EKSAuthConfig, depth: number, options: InspectOptions, show: typeof inspect): string {
      if (depth < 0) return '[EKSAuthConfig]';
      return `EKSAuthConfig ${show({ ...fieldsOf(this.#parsed), exec: this.exec }, { ...options, depth })}`;
    };
    Object.defineProperty(EKSAuthConfig.prototype, INSPECT, { value });
  }
}

function fieldsOf({ identity, keyEnv, encrypt, cliVersion }: ParsedStanza): object {
  const told = { ...(keyEnv && { keyEnv }), ...(encrypt !== undefined && { encrypt }) };
  return { ...identity, ...told, ...(cliVersion && { cliVersion }) };
}

/** For the parsers: the value of a stanza that they have read. */
export function configOf(parsed: ParsedStanza): EKSAuthConfig {
  const { command, args, env } = parsed.exec;
  const exec = Object.freeze({ command, args: Object.freeze([...args]), env });
  return make({ ...parsed, exec, identity: Object.freeze({ ...parsed.identity }) });
}

/**
 * Refuses a value that no parser has made. A copy with a changed field would have the token of one identity and the
 * cache key of another.
 * @throws EKSAuthError INVALID_CONFIG
 */
export function requireParsed(config: unknown): EKSAuthConfig {
  if (isMade(config)) return config;
  throw notParsed('This is not an EKSAuthConfig, but a copy of one or another value');
}

function notParsed(what: string): EKSAuthError {
  return new EKSAuthError('INVALID_CONFIG', `${what}: only a stanza that was parsed says whose token it gets.`, {
    remedy:
      "Parse a stanza with the flags that you want: parseExecConfig({ command: 'aws', args: ['--region', 'us-west-2', '--profile', 'prod', 'eks', 'get-token', '--cluster-name', 'dev'] }), parseEKSConfig(kubeconfig), or { clusterName: 'dev', region: 'us-west-2', profile: 'prod' }.",
  });
}

/** Whether two configs make the same tokens in every environment. */
export function isSameConfig(one: EKSAuthConfig, other: EKSAuthConfig): boolean {
  // The other fields are read from these.
  const facts = (config: EKSAuthConfig): string => {
    const { exec, keyEnv, encrypt, cliVersion } = config;
    const env = exec.env
      .names()
      .map((name) => [name, exec.env.get(name)])
      .sort();
    const options = [keyEnv ?? null, encrypt ?? null, cliVersion ?? null, roleOptionsOf(config)];
    return JSON.stringify([exec.command, exec.args, env, ...options]);
  };
  return one === other || facts(one) === facts(other);
}
