import { EKSAuthError } from '../../errors.ts';
import { shown } from '../../text/nearest-names.ts';

type Tags = Readonly<Record<string, string>>;

const MOST_TAGS = 50;
/** The limits count characters, as STS does, not the units of UTF-16. */
const KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;
const CHARACTERS = 'letters, digits, blanks and characters of `_.:/=+-@`';

/**
 * Session tags as STS takes them, in the order of their keys: tags in another order are the same identity.
 * @returns undefined where there are none
 * @throws EKSAuthError INVALID_CONFIG
 */
export function checkedTags(tags: Tags | undefined): Tags | undefined {
  if (tags === undefined) return undefined;
  if (typeof tags !== 'object' || tags === null || Array.isArray(tags))
    throw malformed(
      'The tags given to ekspress are not an object.',
      "Pass { team: 'blue' }, not a list of Key and Value.",
    );
  const entries = Object.entries(tags);
  if (entries.length > MOST_TAGS)
    throw malformed(
      `The tags given to ekspress are ${entries.length}, and a session has at most 50.`,
      'Pass at most 50 tags.',
    );
  const keys = new Map<string, string>();
  for (const [key, value] of entries) {
    if (!KEY.test(key))
      throw malformed(`The key ${shown(key)} of a tag is not one that STS takes.`, `Use 1 to 128 ${CHARACTERS}.`);
    if (/^aws:/i.test(key))
      throw malformed(
        `The key ${shown(key)} of a tag begins with aws:, which AWS keeps for itself.`,
        'Use another key, without aws: before it.',
      );
    if (typeof value !== 'string' || !VALUE.test(value))
      throw malformed(
        `The value of the tag ${shown(key)} is not one that STS takes.`,
        `Use at most 256 ${CHARACTERS}.`,
      );
    const other = keys.get(key.toLowerCase());
    if (other !== undefined)
      throw malformed(
        `The keys ${shown(other)} and ${shown(key)} of tags differ by their capitals only.`,
        'Keep one of them: STS takes their keys for the same.',
      );
    keys.set(key.toLowerCase(), key);
  }
  return entries.length === 0 ? undefined : Object.freeze(Object.fromEntries(entries.sort(byKey)));
}

/**
 * The keys of the tags that further roles inherit, in order and each once.
 * @returns undefined where there are none
 * @throws EKSAuthError INVALID_CONFIG
 */
export function checkedTransitiveKeys(
  keys: readonly string[] | undefined,
  tags: Tags | undefined,
): readonly string[] | undefined {
  if (keys === undefined) return undefined;
  if (!Array.isArray(keys))
    throw malformed('The transitiveTagKeys given to ekspress are not a list.', "Pass keys of tags, such as ['team'].");
  const unknown = keys.find((key) => tags === undefined || !Object.hasOwn(tags, key));
  if (unknown !== undefined)
    throw malformed(
      `The transitive key ${shown(String(unknown))} is not a key of the tags.`,
      'Pass a tag with this key too: only tags of this session can be transitive.',
    );
  return keys.length === 0 ? undefined : Object.freeze([...new Set(keys)].sort());
}

function byKey([one]: readonly [string, string], [other]: readonly [string, string]): number {
  return one < other ? -1 : 1;
}

function malformed(message: string, remedy: string): EKSAuthError {
  return new EKSAuthError('INVALID_CONFIG', message, { remedy });
}
