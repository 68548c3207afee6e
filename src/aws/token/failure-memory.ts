import { failureCode, readFailureMessage, tellsOf } from '../../cache/entry/failure.ts';
import type { RememberedFailure } from '../../cache/store/cache-requests.ts';
import type { TokenCache } from '../../cache/store/token-cache.ts';
import { EKSAuthError } from '../../errors.ts';
import type { Host } from '../../host.ts';
import { ForeignText } from '../../text/foreign-text.ts';
import { own, sentence } from '../../text/sentence.ts';
import type { EKSAuthConfig } from '../stanza/eks-auth-config.ts';
import type { Caller } from './caller.ts';
import { clusterLabel, type SharedEntry } from './shared-entry.ts';

/** The identity that is asked for, and its caller. */
interface Question {
  readonly config: EKSAuthConfig;
  readonly host: Host;
  readonly caller: Caller;
}

/** The latest failures of this process, by the identity that was asked for. */
const TOLD = new Map<string, EKSAuthError>();
const MOST_TOLD = 256;
const REPEATED = new WeakMap<EKSAuthError, EKSAuthError | undefined>();

/** Whether an error repeats what the cache remembers, and the error that was told first, if it was in this process. */
export function repeatedFailure(error: EKSAuthError): { readonly first: EKSAuthError | undefined } | undefined {
  return REPEATED.has(error) ? { first: REPEATED.get(error) } : undefined;
}

/** What the shared cache remembers of failed attempts, as far as it answers this question. */
export class FailureMemory {
  readonly #question: Question;
  readonly #cache: TokenCache;
  readonly #entry: SharedEntry;
  /** The failure that was there when the question began: its line, or none. */
  #before: string | undefined;

  constructor(question: Question, cache: TokenCache, entry: SharedEntry) {
    this.#question = question;
    this.#cache = cache;
    this.#entry = entry;
  }

  /**
   * Throws the failure of another attempt if the cache remembers it for the same identity and no source has changed
   * since. At a terminal the command may be a retry, which is an attempt of its own: only a process that has failed before, or
   * that has waited for the other attempt, gets the failure.
   * @throws EKSAuthError of the same kind, with the cause and the remedy that were told there
   */
  async throwIfRemembered(): Promise<void> {
    const { config, host } = this.#question;
    const { key, command } = this.#entry;
    const remembered = await this.#cache.readFailure(key, { command, env: host.env });
    const begins = this.#before === undefined;
    this.#before ??= remembered?.line ?? '';
    if (remembered === undefined || !this.#answers(remembered, begins)) return;
    const { cause, remedy } = readFailureMessage(remembered.message);
    const before = `There was no token for ${clusterLabel(config)} a moment ago, and nothing has changed since`;
    const message = cause === '' ? `${before}.` : sentence`${own(before)}: ${new ForeignText(cause)}`;
    const error = new EKSAuthError(failureCode(remembered), message, { remedy });
    const first = TOLD.get(key.identity);
    REPEATED.set(error, first !== undefined && tellsOf(remembered.message, first) ? first : undefined);
    throw error;
  }

  /** Keeps an error of this process, whose words the cache does not have in full. */
  told(error: EKSAuthError): void {
    TOLD.delete(this.#entry.key.identity);
    TOLD.set(this.#entry.key.identity, error);
    for (const oldest of TOLD.keys()) {
      if (TOLD.size <= MOST_TOLD) return;
      TOLD.delete(oldest);
    }
  }

  #answers({ askers, line }: RememberedFailure, begins: boolean): boolean {
    const { name, atTerminal } = this.#question.caller;
    if (!atTerminal || (name !== undefined && askers.includes(name))) return true;
    return !begins && line !== this.#before;
  }
}
