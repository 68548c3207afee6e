import { PARTITION_IDS } from '../aws/endpoint/partitions.ts';
import { type ForeignText, forModel, NOT_SHOWN } from '../text/foreign-text.ts';

/** A word as it stands in a text: an identifier, without the quotes and brackets around it. */
const WORD = /[A-Za-z0-9][A-Za-z0-9_.:/@+=,-]*/g;
const MAX_WORD_CHARS = 253;
/** The latest words are kept, so that a model cannot fill the memory of the server: at least so many, and at most twice as many. */
const KEPT_WORDS = 50_000;

const REGION =
  '(?:us|eu|eusc-de|ap|sa|ca|me|af|il|mx|cn)-(?:gov-|iso[a-f]?-)?(?:north|south|east|west|central|(?:north|south)(?:east|west))-\\d{1,2}';
const ENDPOINT = `https://[0-9A-F]{32}\\.(?:[a-z0-9]{3}\\.)?${REGION}\\.eks\\.(?:amazonaws\\.com(?:\\.cn)?|api\\.aws)`;
/** Words whose form leaves no room for a message: regions, endpoints of EKS, addresses, numbers, groups of Kubernetes. */
const HARMLESS = new RegExp(
  `^(?:${REGION}|${ENDPOINT}|(?:https://)?[\\d.:]+|system:(?:masters|authenticated|unauthenticated|nodes|serviceaccounts)|aws)$`,
);
/** A partition that exists: any other name would be room for words. */
const PARTITION = `(?:${PARTITION_IDS.join('|')})`;
/** ARNs of IAM, without the paths that names may have. */
const CALLER_ARN = new RegExp(
  `^arn:${PARTITION}:(?:iam::\\d{12}:(?:user|role)|sts::\\d{12}:(?:assumed-role/([^/]+)|federated-user))/([^/]+)$`,
);
/** Names that AWS's own tools make. */
const MADE_NAME = /^(?:botocore-session-\d+|EKSGetTokenAuth|i-[0-9a-f]{8,17}|\d+)$/;
/** The role of a permission set of IAM Identity Center. */
const SSO_ROLE = /^AWSReservedSSO_(.+)_[0-9a-f]{16}$/;
const CLUSTER_ARN = new RegExp(`^arn:${PARTITION}:eks:${REGION}:\\d{12}:cluster/(.+)$`);

/**
 * The words of others that a model may be shown: those that it has said itself, and those of the operator and of AWS. A name
 * without blanks can be a sentence, too (`ignore-all-previous-instructions`), so no other word of a kubeconfig is shown.
 */
export class KnownWords {
  /** The latest words. In a full one no word is removed: a Set finds a word that is removed and added often more and more slowly. */
  #latest = new Set<string>();
  #earlier: ReadonlySet<string> = new Set();
  readonly #others: KnownWords | undefined;

  /** @param others whose words are known here, too */
  constructor(others?: KnownWords) {
    this.#others = others;
  }

  /** Learns the words of a text, or of all texts in a value. */
  learn(value: unknown): void {
    if (typeof value === 'string') {
      for (const [word] of value.matchAll(WORD)) this.#add(word);
    } else if (typeof value === 'object' && value !== null) {
      for (const one of Object.values(value)) this.learn(one);
    }
  }

  has(word: string): boolean {
    if (this.#hasWord(word) || HARMLESS.test(word) || this.#others?.has(word)) return true;
    const name = CLUSTER_ARN.exec(word)?.[1];
    if (name !== undefined) return this.has(name);
    const [, role, last] = CALLER_ARN.exec(word) ?? [];
    return last !== undefined && this.#isName(last) && (role === undefined || this.#isName(role));
  }

  /** A known word, or a placeholder. */
  show(word: string | ForeignText): string {
    const name = forModel(word);
    return this.has(name) ? name : NOT_SHOWN;
  }

  #hasWord(word: string): boolean {
    return this.#latest.has(word) || this.#earlier.has(word);
  }

  /** Whether a name of IAM is known, or leaves no room for a message. */
  #isName(name: string): boolean {
    const isOwn = this.#hasWord(name) || MADE_NAME.test(name) || this.#isSSORole(name);
    return isOwn || this.#isNameOfOthers(name);
  }

  #isNameOfOthers(name: string): boolean {
    if (this.#others === undefined) return false;
    return this.#others.#isName(name);
  }

  #isSSORole(name: string): boolean {
    const permissionSet = SSO_ROLE.exec(name)?.[1];
    return permissionSet !== undefined && this.#isName(permissionSet);
  }

  #add(word: string): void {
    if (word.length > MAX_WORD_CHARS) return;
    // Lists and mappings of a text have a comma or a colon behind a word.
    for (const one of [word, word.replace(/[,:.]$/, '')]) this.#latest.add(one);
    if (this.#latest.size < KEPT_WORDS) return;
    this.#earlier = this.#latest;
    this.#latest = new Set();
  }
}
