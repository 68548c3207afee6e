import type { EKSAuthErrorCode } from '../errors.ts';
import type { Environment } from '../host.ts';
import { MINT_VARIABLES, type MintVariable } from '../recording/mint-variables.ts';
import { setting } from '../text/setting.ts';

// The rules of the shared cache, in one place: the TypeScript reader imports them, and scripts/render-exec.mjs writes
// them into the sh reader. So this file holds nothing but constants and pure functions.

/** First field of every entry. A reader treats an entry of another version as absent. */
export const FORMAT_VERSION = 2;

/** The variables that always decide an identity, and those that do where the mint used the network. */
export const IDENTITY_VARIABLES: readonly MintVariable[] = MINT_VARIABLES.filter(({ group }) => group === 'always');
export const NETWORK_VARIABLES: readonly MintVariable[] = MINT_VARIABLES.filter(({ group }) => group === 'network');

/** Variables that add a readable `~<value>` to an entry's file name, after the region, profile and role. */
export const NAME_VARIABLES: readonly string[] = ['AWS_ROLE_ARN', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'];

/** Longest file name, in bytes and without `.json`. A longer one ends in a digest, which sh cannot compute. */
export const MAX_NAME_LENGTH = 200;

/**
 * The characters that an entry holds as they are (the hyphen comes last, for bracket expressions). All others are encoded
 * with `%`. An entry with a `%` never matches in sh: only Node reads it.
 */
export const SAFE_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:@+=,-';

/** The characters of a bearer token: those of a header value without quotes, backslashes and blanks (RFC 6750). */
export const TOKEN_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~+/=-';

/** How many characters from the end of each argument of another plugin are part of the file name. */
export const NAME_TAIL_LENGTH = 16;

/** An entry larger than this many bytes is not ours. A server accepts at most 4096 bytes of token. */
export const MAX_ENTRY_BYTES = 65_536;

/** Seconds that a token must still live to be a hit, if EKSPRESS_REFRESH_MARGIN is not set. */
export const DEFAULT_MARGIN_SECONDS = 60;

/** EKS accepts a token until 15 minutes after its X-Amz-Date (aws-iam-authenticator, `presignedURLExpiration`). */
export const TOKEN_LIFE_SECONDS: number = 15 * 60;

/** Clients are told 14 minutes, as the AWS CLI does. The last minute is for requests under way. */
export const TELL_LIFE_SECONDS: number = 14 * 60;

/** The names of encrypted entries, and the first characters of every encrypted file. */
export const SEALED_NAME: RegExp = /^[\w-]{32}\.sealed$/;
export const SEALED_HEAD = 'ekspress sealed 1\n';

/** First word of the identity for entries of other ExecCredential plugins. */
export const PLUGIN_TOOL = 'exec';

/** How long another plugin's credential is kept if it has no expiry. */
export const PLUGIN_LIFE_SECONDS: number = 60 * 60;

/** The longest time that another plugin's credential is kept, as ekspress cannot know all that it depends on. */
export const MAX_PLUGIN_LIFE_SECONDS: number = 24 * 60 * 60;

/** Clients are told an expiry that lies at least this many seconds before the end of the signing credentials. */
export const CREDENTIAL_MARGIN_SECONDS = 60;

/** When a token ends, and what clients are told. */
export interface Lifetime {
  readonly tellUntil: Date;
  readonly endsAt: Date;
}

/**
 * The true end of a token's life and the earlier moment that clients are told: a token ends 15 minutes after it was
 * signed or with the credentials that signed it; clients are told 14 minutes, or a minute before the credentials end.
 */
export function lifetime(mintedAt: Date, credentialsExpireAt: Date | undefined): Lifetime {
  const minted = mintedAt.getTime();
  const credentials = credentialsExpireAt?.getTime() ?? Number.POSITIVE_INFINITY;
  const tellUntil = Math.min(minted + TELL_LIFE_SECONDS * 1000, credentials - CREDENTIAL_MARGIN_SECONDS * 1000);
  const endsAt = Math.min(minted + TOKEN_LIFE_SECONDS * 1000, credentials);
  return { tellUntil: new Date(tellUntil), endsAt: new Date(endsAt) };
}

const MARGIN_UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };

/**
 * Seconds that a token must still live to be served from a cache: EKSPRESS_REFRESH_MARGIN as a duration (`30s`,
 * `1m30s`, `1.5m`; units h, m, s, ms). If it is unset or malformed: {@link DEFAULT_MARGIN_SECONDS}.
 */
export function refreshMarginSeconds(env: Environment): number {
  const text = setting(env, 'REFRESH_MARGIN') ?? '';
  if (!/^(\d+(\.\d+)?(h|ms|m|s))+$/.test(text)) return DEFAULT_MARGIN_SECONDS;
  let seconds = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(/([\d.]+)(h|ms|m|s)/g)) {
    seconds += Number(amount) * (MARGIN_UNITS[unit] ?? 0);
  }
  return seconds;
}

/** How long a failure is remembered, in seconds, if EKSPRESS_ERROR_TTL is not set. */
const FAILURE_SECONDS = 30;

/** The same for a failure of the network, which may be over a moment later. */
const NETWORK_FAILURE_SECONDS = 5;

/** How many seconds a failure is remembered; 0: not at all. Until then no new attempt is made. */
export function failureSeconds(env: Environment, code: EKSAuthErrorCode): number {
  const text = setting(env, 'ERROR_TTL') ?? '';
  const seconds = Math.min(/^\d+$/.test(text) ? Number(text) : FAILURE_SECONDS, TELL_LIFE_SECONDS);
  return code === 'NETWORK' ? Math.min(seconds, NETWORK_FAILURE_SECONDS) : seconds;
}

/**
 * Names of programs that run other programs. Two calls of the plugin by one of them may come from two clients, so the
 * second does not mean that a server refused the token.
 * @public Only the rendered script uses it.
 */
export const LAUNCHER_PROGRAMS: readonly string[] = [
  ...['sh', 'bash', 'dash', 'ash', 'zsh', 'fish', 'ksh*', 'mksh', 'yash', 'busybox', 'pwsh', 'nu', 'elvish', 'xonsh'],
  ...['python*', 'perl*', 'ruby*', 'php*', 'lua*', 'tclsh*', 'expect', 'R'],
  ...[
    'make',
    'gmake',
    'xargs',
    'env',
    'timeout',
    'watch',
    'parallel',
    'entr',
    'time',
    'hyperfine',
    'sudo',
    'su',
    'doas',
  ],
];

/** Variables that lead a Python program to other code. They decide what a command prints, and nothing that is minted here. */
export const PROGRAM_VARIABLES: readonly string[] = ['PYTHONPATH', 'PYTHONHOME'];

/**
 * Variables that are meant for other Node programs. They could keep ours from starting, print on its stderr or slow it
 * down. The script starts Node without them; the original command gets them back.
 */
export const NODE_VARIABLES: readonly string[] = [
  ...['NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'NODE_TLS_REJECT_UNAUTHORIZED', 'NODE_DEBUG', 'NODE_DEBUG_NATIVE'],
  ...['NODE_PENDING_DEPRECATION', 'NODE_REDIRECT_WARNINGS', 'NODE_V8_COVERAGE'],
];

/** Prefix of the names under which {@link NODE_VARIABLES} are kept for the original command. */
export const SET_ASIDE = 'EKSPRESS_';

/**
 * Names (with patterns of sh) that some shell sets, changes or shares with a variable of its own, so that it does not see
 * what the environment says. The script leaves a declared variable of such a name to Node.
 * @public Only the rendered script uses it.
 */
export const SHELL_NAMES: readonly string[] = [
  ...['BASH*', 'ZSH*', 'YASH*', 'KSH*', 'HIST*', 'PROMPT*', 'EPOCH*', 'FUNC*', 'OPT*', 'PS?', 'TTY*', 'TRY_*', 'COMP*'],
  ...['READLINE*', 'MAIL*', 'DIRSTACK', 'GROUPS', 'HOST*', 'MACHTYPE', 'MAPFILE', 'COPROC', 'OLDPWD', 'OSTYPE'],
  ...['PIPESTATUS', 'POSIXLY*', 'PPID', 'PWD', '*RANDOM', 'REPLY', 'SECONDS', 'SHELL*', 'SHLVL', 'TERM', 'UID', 'EUID'],
  ...['GID', 'EGID', 'ERRNO', '_', 'IFS', 'LINENO', 'ENV', 'ARGC', 'CDPATH', 'COLUMNS', 'LINES', 'CPUTYPE', 'FCEDIT'],
  ...[
    'FIGNORE',
    'FPATH',
    'JOBMAX',
    'KEY*',
    'LISTMAX',
    'LOGNAME',
    'MANPATH',
    'MODULE_PATH',
    '*NULLCMD',
    'PATH*',
    'PGRP',
  ],
  ...['PSVAR', 'SAVEHIST', 'SPROMPT', 'TIMEFMT', 'TMOUT', 'TMPPREFIX', 'USERNAME', 'USER_ID', 'VENDOR', 'WATCH*'],
  ...['WORDCHARS', 'LANG', 'LC_*', '[0123456789]*'],
];

// The exit statuses of the exec plugin's Node part. Node itself exits with 1 where a module is missing or the syntax is
// too new for it, so 1 says nothing about credentials.

/** A final failure, explained on stderr. A number on stdout is the exit status of another plugin. */
export const EXIT_FAILED = 77;

/**
 * As {@link EXIT_FAILED}, for a failure of the network, a time limit or the end of a session, where the script had only
 * guessed that the server refused the valid token.
 */
export const EXIT_FAILED_FOR_NOW = 76;

/** Not an EKS command that ekspress knows. The original command answers, unless a policy forbids unknown commands. */
export const EXIT_NOT_RECOGNISED = 71;

/** An EKS command that the original has to answer. The script treats any other status as {@link EXIT_NOT_RECOGNISED}. */
export const EXIT_CANNOT_DECIDE = 70;
