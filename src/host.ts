import { userInfo } from 'node:os';
import { cutForLog, forLog } from './text/foreign-text.ts';
import { setting } from './text/setting.ts';

/** Environment variables by name, as in `process.env`. An empty string is a value; `undefined` means unset. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Receives the log of ekspress. `console` and the AWS SDK's loggers have this shape; pino, which takes the values first, needs an adapter.
 * Messages and arguments never contain a token or a key.
 */
export interface Logger {
  /** Every step. */
  debug(message: string, ...details: unknown[]): void;
  /** Events of interest to an operator. */
  info(message: string, ...details: unknown[]): void;
  /** A problem that ekspress has handled. */
  warn(message: string, ...details: unknown[]): void;
  /** An unexpected problem, probably a bug. */
  error(message: string, ...details: unknown[]): void;
}

/** `inspect.custom` of node:util. From Node 22 on an import of that module also loads worker threads. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');

/** What ekspress reads from the outside; each part can be replaced. */
export interface HostOptions {
  /** Replaces the whole of `process.env`, including `HOME`. Default: `process.env`, read at each use. */
  readonly env?: Environment | undefined;
  /** The wall clock. Default: the system clock. */
  readonly now?: (() => Date) | undefined;
  /** Default: with `EKSPRESS_DEBUG=1` in `env` every step is logged to stderr, otherwise nothing is logged. */
  readonly logger?: Logger | undefined;
}

/**
 * Environment, clock and logger in one value. Library code reads these, never `process.env`, so clusters with
 * different environments can share one process.
 */
export interface Host {
  readonly env: Environment;
  readonly now: () => Date;
  readonly logger: Logger;
}

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Writes one line per event to stderr: `[LEVEL] <event> <values as JSON>`. At most 500 characters of each text in the values. */
export const stderrLogger: Logger = {
  debug: writeAt('DEBUG'),
  info: writeAt('INFO'),
  warn: writeAt('WARN'),
  error: writeAt('ERROR'),
};

function writeAt(level: string): Logger['debug'] {
  return (message, ...details) => {
    const values = details.map((detail) =>
      typeof detail === 'string' ? cutForLog(detail) : JSON.stringify(detail, cutText),
    );
    process.stderr.write(`[${level}] ${forLog([message, ...values].join(' '))}\n`);
  };
}

function cutText(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? cutForLog(value) : value;
}

/** `NODE_EXTRA_CA_CERTS` at the start of the process. Node reads it once; later changes have no effect. */
export const extraCertificatesOfProcess: string | undefined = process.env.NODE_EXTRA_CA_CERTS;

/** Fills in the parts that the caller left out with those of the process. */
export function hostFrom(options: HostOptions = {}): Host {
  const given = options.env ?? process.env;
  // `process.env` itself knows the rules of its system. Copies of it do not.
  const env = given === process.env ? given : withoutCase(given);
  return {
    env,
    now: options.now ?? (() => new Date()),
    logger: options.logger ?? (setting(env, 'DEBUG') === '1' ? stderrLogger : silent),
  };
}

/** The same host with `variables` added to its environment, as kubectl adds the `env` of an exec stanza. */
export function withEnvironment(host: Host, variables: Environment): Host {
  return { ...host, env: overlaid(host.env, variables) };
}

/** An environment with `variables` added to it. */
export function overlaid(env: Environment, variables: Environment): Environment {
  return { ...withoutCase(env), ...withoutCase(variables) };
}

/**
 * On Windows names of variables have no case: `Path` is `PATH`, and `aws_profile` is `AWS_PROFILE`. There this returns the
 * names in upper case, as Python and so the AWS CLI do. Of two spellings the first in the order of their characters wins, as
 * in Node.
 */
function withoutCase(env: Environment): Environment {
  if (process.platform !== 'win32') return env;
  const names = Object.keys(env).sort().reverse();
  return Object.fromEntries(names.map((name) => [name.toUpperCase(), env[name]]));
}

/**
 * The home directory as Python's `expanduser` and Go's `os.UserHomeDir` see it: `HOME`, else the passwd entry; on Windows
 * `USERPROFILE`. `os.homedir()` is not used: it reads the `HOME` of the process instead of the one in `env`.
 */
export function homeDirectory(env: Environment): string {
  const variable = homeVariable(env);
  // An empty HOME means the root folder, as in Python.
  if (variable !== undefined) return variable || '/';
  try {
    return userInfo().homedir;
  } catch {
    return HOMELESS;
  }
}

/** The home of a user without HOME and without a passwd entry. No file can be read or made in it. */
export const HOMELESS = '/dev/null';

/** What the variables of an environment say of the home directory. Undefined if they say nothing. */
export function homeVariable(env: Environment): string | undefined {
  if (process.platform !== 'win32') return env.HOME;
  return env.USERPROFILE || (env.HOMEPATH === undefined ? undefined : `${env.HOMEDRIVE ?? ''}${env.HOMEPATH}`);
}
