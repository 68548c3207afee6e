/** A user's `exec` as a parser gives it. */
export type ExecValue = Readonly<Record<string, unknown>>;

/** What applying makes of a stanza, apart from how it is written down. */
export interface StanzaChange {
  /** The new command. */
  readonly command: string;
  /** Words between the new command and the original one. */
  readonly leading: readonly string[];
  /** Where the words of the original command are not those of the stanza: it was wrapped by another tool. */
  readonly original?: OriginalWords | undefined;
  /** Put where the stanza has no `installHint`. Absent: none is added. */
  readonly hint?: string | undefined;
}

/** The words of a command. */
export interface OriginalWords {
  readonly command: unknown;
  readonly args: readonly unknown[];
  /** Where they were found with variables of their own. */
  readonly env?: readonly unknown[] | undefined;
}

/** What kubectl requires of a `client.authentication.k8s.io/v1` stanza, and takes for the older versions anyway. */
const INTERACTIVE_MODE = 'IfAvailable';

/** `interactiveMode` for a stanza that kubectl would refuse without it. */
export function missingInteractiveMode(exec: ExecValue): string | undefined {
  const needed = exec.apiVersion === 'client.authentication.k8s.io/v1';
  return needed && (exec.interactiveMode === undefined || exec.interactiveMode === null) ? INTERACTIVE_MODE : undefined;
}

/** The words that a stanza runs. */
export function wordsOf(exec: ExecValue): OriginalWords {
  return { command: exec.command, args: Array.isArray(exec.args) ? exec.args : [] };
}

/** The value of the stanza once the change is applied. */
export function appliedValue(exec: ExecValue, change: StanzaChange): ExecValue {
  const { command, args, env } = change.original ?? wordsOf(exec);
  const mode = missingInteractiveMode(exec);
  const hint = change.hint !== undefined && !hasHint(exec);
  return {
    ...exec,
    command: change.command,
    args: [...change.leading, command, ...args],
    ...(env !== undefined && { env }),
    ...(mode !== undefined && { interactiveMode: mode }),
    ...(hint && { installHint: change.hint }),
  };
}

/** Whether the stanza has an `installHint` of its own. */
export function hasHint(exec: ExecValue): boolean {
  return exec.installHint !== undefined && exec.installHint !== null;
}
