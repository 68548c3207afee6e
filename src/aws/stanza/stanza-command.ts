import { UsageError } from './argparse.ts';
import { type AuthenticatorArguments, parseAuthenticatorArguments } from './authenticator-arguments.ts';
import { type CLIVersion, type GetTokenArguments, parseGetTokenArguments } from './get-token-arguments.ts';
import type { UnwrappedCommand } from './unwrap-command.ts';

/** What a tool understands of its arguments; `undefined` where they ask for something other than a token. */
type Reading<T> = T | UsageError | undefined;

/** The tool's command inside a stanza. Its arguments are parsed once by the rules of each generation. */
export class StanzaCommand implements UnwrappedCommand {
  readonly tool: UnwrappedCommand['tool'];
  readonly command: string;
  readonly args: readonly string[];
  readonly through?: readonly string[];
  readonly keyEnv?: readonly string[];
  readonly #getToken = new Map<CLIVersion, Reading<GetTokenArguments>>();
  #authenticator: { readonly reading: Reading<AuthenticatorArguments> } | undefined;

  constructor({ tool, command, args, through, keyEnv }: UnwrappedCommand) {
    this.tool = tool;
    this.command = command;
    this.args = Object.freeze([...args]);
    if (through) this.through = Object.freeze([...through]);
    if (keyEnv) this.keyEnv = Object.freeze([...keyEnv]);
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

function readingOf<T>(parse: () => T): T | UsageError {
  try {
    return parse();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}
