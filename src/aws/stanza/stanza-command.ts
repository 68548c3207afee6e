import { ArgumentsError } from './argparse.ts';
import { type AuthenticatorArguments, parseAuthenticatorArguments } from './authenticator-arguments.ts';
import { type CLIVersion, type GetTokenArguments, parseGetTokenArguments } from './get-token-arguments.ts';
import { type UnwrappedCommand, unwrapCommand } from './unwrap-command.ts';

/** How a tool reads its arguments; `undefined` where they do not ask for a token. */
type Reading<T> = T | ArgumentsError | undefined;

/** Arguments that ask for a token, also where the tool would not understand the rest of them. */
export type CommandReading =
  | { readonly tool: 'aws'; readonly said: GetTokenArguments | ArgumentsError }
  | { readonly tool: 'aws-iam-authenticator'; readonly said: AuthenticatorArguments | ArgumentsError };

/** The tool's command inside a stanza. Its arguments are parsed once by the rules of each generation. */
export class StanzaCommand implements UnwrappedCommand {
  readonly tool: UnwrappedCommand['tool'];
  readonly command: string;
  readonly args: readonly string[];
  readonly through?: readonly string[];
  readonly keyEnv?: readonly string[];
  readonly assigned?: NonNullable<UnwrappedCommand['assigned']>;
  readonly encrypt?: string;
  readonly #getToken = new Map<CLIVersion, Reading<GetTokenArguments>>();
  #authenticator: { readonly reading: Reading<AuthenticatorArguments> } | undefined;

  /** The command that a stanza runs in the end, after its wrappers; undefined where that is not a known tool. */
  static inside(command: string, args: readonly string[]): StanzaCommand | undefined {
    const unwrapped = unwrapCommand(command, args);
    return unwrapped && new StanzaCommand(unwrapped);
  }

  private constructor({ tool, command, args, through, keyEnv, encrypt, assigned }: UnwrappedCommand) {
    this.tool = tool;
    this.command = command;
    this.args = Object.freeze([...args]);
    if (through) this.through = Object.freeze([...through]);
    if (keyEnv) this.keyEnv = Object.freeze([...keyEnv]);
    if (assigned) this.assigned = Object.freeze([...assigned]);
    if (encrypt !== undefined) this.encrypt = encrypt;
  }

  /**
   * The arguments where they ask for a token. Without a given version: as v2 understands them, else as v1; an option that
   * only one of them has says which one is meant.
   */
  read(cliVersion: CLIVersion | undefined): CommandReading | undefined {
    const { tool, args } = this;
    if (tool === 'aws-iam-authenticator') {
      const said = this.authenticatorArguments();
      const asks = said instanceof ArgumentsError ? args.includes('token') : said;
      return said && asks ? { tool, said } : undefined;
    }
    const first = this.getTokenArguments(cliVersion ?? 'v2');
    const second = cliVersion === undefined && first instanceof ArgumentsError ? this.getTokenArguments('v1') : first;
    const said = second instanceof ArgumentsError ? first : second;
    const asks = said instanceof ArgumentsError ? args.includes('eks') && args.includes('get-token') : said;
    return said && asks ? { tool, said } : undefined;
  }

  /** As that generation of the AWS CLI reads the arguments of `aws`. */
  getTokenArguments(version: CLIVersion): Reading<GetTokenArguments> {
    if (!this.#getToken.has(version)) {
      this.#getToken.set(
        version,
        readingOf(() => parseGetTokenArguments(this.args, version)),
      );
    }
    return this.#getToken.get(version);
  }

  /** As aws-iam-authenticator reads its arguments. */
  authenticatorArguments(): Reading<AuthenticatorArguments> {
    this.#authenticator ??= { reading: readingOf(() => parseAuthenticatorArguments(this.args)) };
    return this.#authenticator.reading;
  }
}

function readingOf<T>(parse: () => T): T | ArgumentsError {
  try {
    return parse();
  } catch (error) {
    if (error instanceof ArgumentsError) return error;
    throw error;
  }
}
