import { isMapping } from '../../system/mapping.ts';

/** The parsed value of a user's `exec`. */
export type ExecValue = Readonly<Record<string, unknown>>;

/** How applying changes the value of a stanza. */
export interface StanzaChange {
  /** The new command. */
  readonly command: string;
  /** Words between the new command and the original one. */
  readonly leading: readonly string[];
  /** The original command, if it differs from that of the stanza because another tool has wrapped it. */
  readonly original?: OriginalWords | undefined;
  /** Added if the stanza has no `installHint`. Absent: none is added. */
  readonly hint?: string | undefined;
  /** Variables that the stanza gets, in place of those of the same name. */
  readonly variables?: readonly StanzaVariable[] | undefined;
}

/** A variable in the `env` of a stanza. */
export interface StanzaVariable {
  readonly name: string;
  readonly value: string;
}

/** The words of a command. */
export interface OriginalWords {
  readonly command: unknown;
  readonly args: readonly unknown[];
  /** The variables of the original command, if they were found with it. */
  readonly env?: readonly unknown[] | null | undefined;
}

/** kubectl requires this in a `client.authentication.k8s.io/v1` stanza. It is the default for the older versions. */
const INTERACTIVE_MODE = 'IfAvailable';

/** `interactiveMode` for a stanza that kubectl would refuse without it. */
export function missingInteractiveMode(exec: ExecValue): string | undefined {
  const needed = exec.apiVersion === 'client.authentication.k8s.io/v1';
  return needed && (exec.interactiveMode === undefined || exec.interactiveMode === null) ? INTERACTIVE_MODE : undefined;
}

/** The command line of a stanza. */
export function wordsOf(exec: ExecValue): OriginalWords {
  return { command: exec.command, args: Array.isArray(exec.args) ? exec.args : [] };
}

/** The value of the stanza after the change. */
export function appliedValue(exec: ExecValue, change: StanzaChange): ExecValue {
  const { command, args, env: found } = change.original ?? wordsOf(exec);
  const env = change.variables === undefined ? found : withVariables(found ?? exec.env, change.variables);
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

/** Names of variables have no case on Windows. */
function withVariables(env: unknown, variables: readonly StanzaVariable[]): readonly unknown[] {
  const names = new Set(variables.map(({ name }) => name.toUpperCase()));
  const others = (Array.isArray(env) ? env : []).filter(
    (one) => !(isMapping(one) && names.has(String(one.name).toUpperCase())),
  );
  return [...others, ...variables];
}

/** Whether the stanza has an `installHint` of its own. */
export function hasHint(exec: ExecValue): boolean {
  return exec.installHint !== undefined && exec.installHint !== null;
}
