/** Variables that set how ekspress works, by the end of their names: the older tools that they are shared with have other names. */
const OLDER_NAMES = {
  DEBUG: 'EKS_TOKEN_DEBUG',
  CACHE_DIR: 'EKS_TOKEN_CACHE_DIR',
  ERROR_TTL: 'EKS_TOKEN_ERROR_TTL',
  REFRESH_MARGIN: 'K8S_TOKEN_CACHE_REFRESH_MARGIN',
} as const;

/** The value of `EKSPRESS_<name>`, else of its older name. Undefined if both are unset or empty. */
export function setting(
  env: Readonly<Record<string, string | undefined>>,
  name: keyof typeof OLDER_NAMES,
): string | undefined {
  return env[`EKSPRESS_${name}`] || env[OLDER_NAMES[name]] || undefined;
}
