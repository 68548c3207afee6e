import { checkKubeconfigString, STRING_PLACE } from '../../kubeconfig/read/kubeconfig-input.ts';
import { parseKubeconfig } from '../../kubeconfig/read/parse-kubeconfig.ts';
import { type SelectedContext, selectContext, withoutSource } from '../../kubeconfig/read/select-context.ts';
import type { EKSAuthConfig } from './eks-auth-config.ts';
import { isEKSUser, requireEKSUser } from './eks-user.ts';
import type { ExecConfigOptions } from './parse-exec-config.ts';

/** Which context of a kubeconfig is meant. */
export interface ContextOptions {
  /** Default: the kubeconfig's current-context. */
  readonly context?: string;
}

/** What {@link parseEKSConfig} takes. */
export interface ParseOptions extends ContextOptions, ExecConfigOptions {}

/**
 * How a kubeconfig authenticates to EKS. The context asked for, else the current one, decides the user; never the
 * first exec found. Nothing is run, and no file is read.
 * @param kubeconfig the text, YAML or JSON
 * @throws EKSAuthError NOT_EKS for a user of another kind, INVALID_KUBECONFIG, INVALID_CONFIG
 */
export function parseEKSConfig(kubeconfig: string, options: ParseOptions = {}): EKSAuthConfig {
  return requireEKSUser(withoutSource(select(kubeconfig, options)), options);
}

/**
 * Whether {@link parseEKSConfig} would find an EKS user. Never throws: for any other text the answer is false. An EKS
 * user with a mistake (for example, without a cluster name) counts, too.
 */
export function isEKSConfig(kubeconfig: string, options: ContextOptions = {}): boolean {
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
