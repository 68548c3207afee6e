import { createRequire } from 'node:module';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';

/** Environment variables by name, as in `process.env`. An empty string is a value, `undefined` is none. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where ekspress reports what it does: the shape that `console`, pino and the AWS SDK share.
 * No message or argument ever contains a token or a key.
 */
export interface Logger {
  /** Every step. */
  debug(message: string, ...details: unknown[]): void;
  /** What an operator may want to know. */
  info(message: string, ...details: unknown[]): void;
  /** Something went wrong, and was coped with. */
  warn(message: string, ...details: unknown[]): void;
  /** Something went wrong that should not be able to. */
  error(message: string, ...details: unknown[]): void;
}

/** `inspect.custom` of node:util: from Node 22 on an import of that module loads worker threads, too. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');

/** What ekspress reads from the outside; each part can be replaced. */
export interface HostOptions {
  /** Replaces `process.env` whole, `HOME` included. Default: `process.env` as it is at each read. */
  readonly env?: Environment;
  /** The wall clock. Default: the system's. */
  readonly now?: () => Date;
  /** Default: with `EKS_TOKEN_DEBUG=1` in `env` every step goes to stderr, otherwise nothing is said. */
  readonly logger?: Logger;
}

/**
 * The outside, in one value. The only place below the roofs that touches `process.env`,
 * so that a hundred clusters with a hundred environments can live in one process.
 */
export interface Host {
  readonly env: Environment;
  readonly now: () => Date;
  readonly logger: Logger;
}

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** One line on stderr for each event: `[DEBUG] <event> <its values as JSON>`, with the level that it has. */
export const stderrLogger: Logger = {
  debug: sayAt('DEBUG'),
  info: sayAt('INFO'),
  warn: sayAt('WARN'),
  error: sayAt('ERROR'),
};

function sayAt(level: string): Logger['debug'] {
  return (message, ...details) => {
    const values = details.map((detail) => (typeof detail === 'string' ? detail : JSON.stringify(detail)));
    process.stderr.write(`[${level}] ${[message, ...values].join(' ')}\n`);
  };
}

/** What this process has trusted besides Node's own certificates since its start: Node reads it once. */
export const extraCertificatesOfProcess = process.env.NODE_EXTRA_CA_CERTS;

/** Fills the parts that the caller left out with the process's own. */
export function hostFrom(options: HostOptions = {}): Host {
  const env = options.env ?? process.env;
  return {
    env,
    now: options.now ?? (() => new Date()),
    logger: options.logger ?? (env.EKS_TOKEN_DEBUG === '1' ? stderrLogger : silent),
  };
}

/** The same host with `variables` over its environment, as a stanza's `env` goes over the process's. */
export function withEnvironment(host: Host, variables: Environment): Host {
  return { ...host, env: { ...host.env, ...variables } };
}

/**
 * The home directory as Python's `expanduser` and Go's `os.UserHomeDir` see it: `HOME`, else the passwd entry.
 * (`os.homedir()` would ask the process's own `HOME` even where another environment was given.)
 */
export function homeDirectory(env: Environment): string {
  // Set and empty, it stands for the root folder, as in Python.
  if (env.HOME !== undefined) return env.HOME || '/';
  if (process.platform === 'win32' && env.USERPROFILE) return env.USERPROFILE;
  return userInfo().homedir;
}

/** A file of this package, by its path from the package's root, wherever the code that asks was bundled to. */
export function packageFile(path: string): string {
  return join(dirname(createRequire(import.meta.url).resolve('ekspress/package.json')), path);
}
