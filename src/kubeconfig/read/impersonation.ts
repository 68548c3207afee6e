import { isMapping } from '../../system/mapping.ts';
import type { ImpersonationEntry } from './kubeconfig-file.ts';

/**
 * Reads `as-uid`, `as-groups` and `as-user-extra` of a user.
 * @returns undefined if it has none; the reason as a text if they cannot be used, which completes `user "x" in <place> …`
 */
export function readImpersonation(fields: Readonly<Record<string, unknown>>): ImpersonationEntry | string | undefined {
  const { as, 'as-uid': uid, 'as-groups': groups, 'as-user-extra': extra } = fields;
  if (isAbsent(uid) && isAbsent(groups) && isAbsent(extra)) return undefined;
  // As kubectl: without `as` the requests would be made as the user of the token, so they are refused.
  if (isAbsent(as)) return 'impersonates groups, a uid or extra fields without a user: it has no `as`';
  if (!isAbsent(uid) && !isText(uid)) return 'has an `as-uid` that is not a text';
  if (!isAbsent(groups) && !areTexts(groups)) return 'has `as-groups` that are not a list of texts';
  if (!isAbsent(extra) && !areExtras(extra)) return 'has an `as-user-extra` that is not a mapping to lists of texts';
  return {
    ...(isText(uid) && uid !== '' && { uid }),
    ...(areTexts(groups) && groups.length > 0 && { groups }),
    ...(areExtras(extra) && { extra: Object.fromEntries(Object.entries(extra)) }),
  };
}

function isAbsent(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** Whether the value is a list of texts that a header can hold. */
function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => isText(item) && !/[\r\n\0]/.test(item));
}

function areExtras(value: unknown): value is Readonly<Record<string, readonly string[]>> {
  return isMapping(value) && Object.values(value).every(areTexts);
}
