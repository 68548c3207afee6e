import { EKSAuthError, type EKSAuthErrorCode } from '../errors.ts';
import { forTerminal } from '../text/foreign-text.ts';
import { Declined, EXIT, Interrupted, UsageError } from './command.ts';
import { inCommandWords } from './command-words.ts';
import { withKubeconfig } from './contexts/same-kubeconfig.ts';
import { wrapped } from './terminal/display-width.ts';

/** Where and how failures are reported. */
export interface ErrorStream {
  readonly write: (text: string) => void;
  readonly columns: number;
  /** Whether to show the stack. */
  readonly debug: boolean;
  /** The command that shows the help. */
  readonly help: string;
  /** What `--kubeconfig` names, which the commands of a remedy then name too. */
  readonly kubeconfig: string | undefined;
}

/** Codes of mistakes in a name, an option or a file. The others are explained on a page, by their codes. */
const EXPLAINED_BY_MESSAGE: readonly EKSAuthErrorCode[] = ['INVALID_KUBECONFIG', 'INVALID_CONFIG', 'NOT_EKS'];

/** Reports a failure. @returns the exit status */
export function explain(error: unknown, { write, columns, debug, help, kubeconfig }: ErrorStream): number {
  const err = (text: string): void => write(text.replace(/[^\n]+/g, (line) => wrapped(line, columns, '  ')));
  if (error instanceof EKSAuthError) {
    const code = EXPLAINED_BY_MESSAGE.includes(error.code) ? '' : `${error.code}: `;
    err(
      `ekspress: ${code}${inCommandWords(error.message)}\n  ${withKubeconfig(inCommandWords(error.remedy), { kubeconfig })}\n`,
    );
    return EXIT.failure;
  }
  if (error instanceof Interrupted) return EXIT.interrupted;
  if (error instanceof Declined) {
    err(`${forTerminal(error.message)}\n`);
    return EXIT.failure;
  }
  const { message, code = '' } = error instanceof Error ? (error as NodeJS.ErrnoException) : { message: String(error) };
  if (error instanceof UsageError) {
    const shows = help === 'ekspress --help' ? 'all commands' : 'what it takes';
    err(`ekspress: ${forTerminal(message)}\n  Run \`${help}\` to see ${shows}.\n`);
    return EXIT.usage;
  }
  const where = debug && error instanceof Error ? `${error.stack}\n` : '';
  const remedy = code
    ? 'Check the file or folder in this message.'
    : 'This is a defect: please report it with the output of --debug.';
  err(`ekspress: ${forTerminal(message)}\n${forTerminal(where)}  ${remedy}\n`);
  return EXIT.failure;
}
