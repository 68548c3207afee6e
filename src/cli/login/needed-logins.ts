import { basename } from 'node:path';
import { type Login, readSignIn } from '../../aws/mint/sign-in.ts';
import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import { runnerLogin, withoutRunner } from '../../aws/stanza/runner-login.ts';
import { TokenManager } from '../../aws/token/token-manager.ts';
import { EKSAuthError } from '../../errors.ts';
import { type Environment, hostFrom, overlaid } from '../../host.ts';
import { tilde } from '../../plugin/ekspress-home.ts';
import type { Terminal } from '../command.ts';
import type { DescribedContext } from '../contexts/describe-context.ts';
import { commandLine, loginCommand, loginLine, loginName } from '../contexts/login-words.ts';
import { span } from '../terminal/times.ts';

/** A login to make: its command, what a person has to know about it, and the contexts that need it. */
export interface NeededLogin {
  readonly command: readonly string[];
  /** The command for a shell. */
  readonly line: string;
  /** Whose login it is, when it is made. */
  readonly name: string;
  readonly details: readonly (readonly [title: string, text: string])[];
  readonly contexts: string[];
  readonly env: Environment;
}

/** The logins that contexts need. Contexts with the same login share one. */
export class NeededLogins {
  readonly #byKey = new Map<string, NeededLogin>();
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  all(): readonly NeededLogin[] {
    return [...this.#byKey.values()];
  }

  /** Adds the login of a context if it is needed. @returns why it is not, as the end of a sentence about the context */
  async add(context: DescribedContext): Promise<string | undefined> {
    const { name, config, behind, reason, state } = context;
    const known = config ?? behind;
    if (!known) {
      if (state === 'other') return 'needs no login of AWS.';
      return `runs ${reason ?? 'another program'}, whose login ekspress does not know.`;
    }
    const own = known.command.through === undefined ? known : withoutRunner(known);
    return own ? this.#addLogin(name, own) : this.#addRunner(name, known);
  }

  #addRunner(name: string, config: EKSAuthConfig): string | undefined {
    const [runner = ''] = config.command.through ?? [];
    const login = runnerLogin(config);
    if (!login) return `runs ${basename(runner)}, whose login ekspress does not know.`;
    const variables = config.exec.env.toEnvironment();
    const key = JSON.stringify([login.command, variables]);
    this.#share(name, key, () => ({
      command: login.command,
      line: commandLine(login.command),
      name: basename(runner),
      details: [
        ['kept in', login.keptIn],
        ['until', `only ${basename(runner)} knows; it does nothing while the login lasts`],
      ],
      // The AWS CLI shows long answers with `less`.
      env: { ...overlaid(this.#terminal.env, variables), AWS_PAGER: '' },
    }));
    return undefined;
  }

  async #addLogin(name: string, config: EKSAuthConfig): Promise<string | undefined> {
    const { env, logger } = this.#terminal;
    const found = await readSignIn(config, hostFrom({ env, logger }));
    if (!found) return ': only its original command knows how to log in.';
    const { login } = found;
    if (!login) return ': its credentials need no login.';
    if (!this.#byKey.has(login.file)) {
      const lasts = await this.#lasting(login, config);
      if (lasts !== undefined) return `: ${loginName(login)} ${lasts}.`;
    }
    this.#share(name, login.file, () => ({
      command: loginCommand(login),
      line: loginLine(login),
      name: login.profile,
      details: [
        ...(login.startUrl === undefined ? [] : [['start URL', login.startUrl] as const]),
        ['file', tilde(login.file, env)],
      ],
      env: overlaid(env, config.exec.env.toEnvironment()),
    }));
    return undefined;
  }

  #share(context: string, key: string, make: () => Omit<NeededLogin, 'contexts'>): void {
    const known = this.#byKey.get(key);
    if (known) known.contexts.push(context);
    else this.#byKey.set(key, { ...make(), contexts: [context] });
  }

  /** How long a login lasts, in words. Undefined: it has ended. */
  async #lasting(login: Login, config: EKSAuthConfig): Promise<string | undefined> {
    const left = ((login.expiresAt?.getTime() ?? 0) - Date.now()) / 1000;
    if (left > 0) return login.renews ? 'renews itself' : `ends in ${span(left)}`;
    return login.renews && (await this.#renewsNow(config)) ? 'renews itself' : undefined;
  }

  /** Whether a login that has a refresh token still gives credentials. Only AWS knows it. */
  async #renewsNow(config: EKSAuthConfig): Promise<boolean> {
    const { env, logger, signal } = this.#terminal;
    try {
      await new TokenManager(config, { env, logger, cache: false }).getValidToken({ signal });
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof EKSAuthError && error.code === 'SESSION_EXPIRED') return false;
      throw error;
    }
  }
}
