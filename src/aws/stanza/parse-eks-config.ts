import { checkKubeconfigString } from '../../kubeconfig/read/kubeconfig-input.ts';
import { parseKubeconfig } from '../../kubeconfig/read/parse-kubeconfig.ts';
import { type SelectedContext, selectContext, withoutSource } from '../../kubeconfig/read/select-context.ts';
import { STRING_PLACE } from '../../kubeconfig/read/text-remedy.ts';
import { checkOptions } from '../../options/check-options.ts';
import { type Schema, TEXT } from '../../options/checks.ts';
import type { EKSAuthConfig } from './eks-auth-config.ts';
import { isEKSUser, requireEKSUser } from './eks-user.ts';
import { EXEC_CONFIG_SCHEMA, type ExecConfigOptions } from './parse-exec-config.ts';

/** Which context of a kubeconfig is meant. */
export interface ContextOptions {
  /** Default: the kubeconfig's current-context. */
  readonly context?: string | undefined;
}

/** What {@link parseEKSConfig} takes. */
export interface ParseOptions extends ContextOptions, ExecConfigOptions {}

const CONTEXT_SCHEMA: Schema<ContextOptions> = { context: TEXT };

const PARSE_SCHEMA: Schema<ParseOptions> = { ...CONTEXT_SCHEMA, ...EXEC_CONFIG_SCHEMA };

/**
 * How a kubeconfig authenticates to EKS. The context asked for, else the current one, decides the user; never the
 * first exec found. Nothing is run, and no file is read.
 * @param kubeconfig the text, YAML or JSON
 * @throws EKSAuthError NOT_EKS for a user of another kind, INVALID_KUBECONFIG, INVALID_CONFIG
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { parseEKSConfig } from 'ekspress';
 *
 * const { clusterName, region, profile } = parseEKSConfig(await readFile('dev.kubeconfig', 'utf8'));
 * console.log(clusterName, region, profile);
 * ```
 */
export function parseEKSConfig(kubeconfig: string, options: ParseOptions = {}): EKSAuthConfig {
  checkOptions('parseEKSConfig', options, PARSE_SCHEMA);
  return requireEKSUser(withoutSource(select(kubeconfig, options)), options);
}

/**
 * Whether {@link parseEKSConfig} would find an EKS user. For any other text the answer is false. An EKS user with a
 * mistake (for example, without a cluster name) counts, too.
 * @throws EKSAuthError INVALID_CONFIG for an option that does not exist; never for a text
 * @example
 * ```ts
 * import { isEKSConfig } from 'ekspress';
 *
 * console.log(isEKSConfig('apiVersion: v1\nkind: Config')); // false
 * ```
 */
export function isEKSConfig(kubeconfig: string, options: ContextOptions = {}): boolean {
  checkOptions('isEKSConfig', options, CONTEXT_SCHEMA);
  try {
    return isEKSUser(select(kubeconfig, options));
  } catch {
    return false;
  }
}

function select(kubeconfig: string, { context }: ContextOptions): SelectedContext {
  const text = checkKubeconfigString(kubeconfig);
  return selectContext([parseKubeconfig(text, { place: STRING_PLACE })], context);
}
