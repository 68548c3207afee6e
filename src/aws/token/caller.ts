import { isAtTerminal } from '../../system/terminal.ts';

/** Who asks for a token. It decides which remembered failures are an answer. */
export interface Caller {
  /** The process, as remembered failures name it. Undefined where a retry cannot be told from the same command. */
  readonly name: string | undefined;
  /** Whether a person may have typed the command. */
  readonly atTerminal: boolean;
}

/** This process, which asks for itself. */
export function thisProcess(): Caller {
  return { name: `${process.pid} ${Math.floor(performance.timeOrigin)} ekspress`, atTerminal: isAtTerminal() };
}
