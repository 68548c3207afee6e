import { resolve } from 'node:path';
import { EKSAuthError } from '../../errors.ts';
import { restoreFile } from '../../kubeconfig/edit/edit-file.ts';
import type { Kubeconfig } from '../../kubeconfig/read/kubeconfig-file.ts';
import { expandHome, kubeconfigPaths } from '../../kubeconfig/read/kubeconfig-paths.ts';
import { parseKubeconfig } from '../../kubeconfig/read/parse-kubeconfig.ts';
import { readSettledText } from '../../kubeconfig/read/read-settled.ts';
import { noSuchFile } from '../../kubeconfig/read/read-text.ts';
import { contextNames, type SelectedContext, selectContext } from '../../kubeconfig/read/select-context.ts';
import { ekspressHome } from '../../plugin/ekspress-home.ts';
import { WRITE_CONTEXTS } from '../../text/apply-words.ts';
import type { Terminal } from '../command.ts';

/** A context of the user's kubeconfig, as far as it can be read. */
export interface LoadedContext {
  readonly name: string;
  readonly current: boolean;
  /** Absent if the context names a cluster or user that does not exist. */
  readonly selected?: SelectedContext;
  readonly problem?: EKSAuthError;
}

/** How a person gets a kubeconfig. */
const WRITE_ONE = `Write one for the clusters of your account with \`${WRITE_CONTEXTS}\`, or name another file with --kubeconfig.`;

/** All contexts of the KUBECONFIG list or of `--kubeconfig`, in the order of the files. */
export interface LoadedContexts {
  readonly files: readonly string[];
  readonly kubeconfig: Kubeconfig;
  readonly contexts: readonly LoadedContext[];
}

/** The files that `--kubeconfig` or KUBECONFIG names, whether they exist or not. */
export function namedFiles({ env, options }: Pick<Terminal, 'env' | 'options'>): {
  readonly paths: readonly string[];
  readonly source: 'KUBECONFIG' | 'default' | 'option';
} {
  const { kubeconfig: named } = options;
  if (named === undefined) return kubeconfigPaths(env);
  return { paths: [named === '-' ? '/dev/stdin' : expandHome(named, env)], source: 'option' };
}

/**
 * Reads the user's kubeconfig as kubectl does.
 * @param mayBeEmpty - whether there may be no file and no context
 * @throws EKSAuthError INVALID_KUBECONFIG
 */
export async function loadContexts(terminal: Terminal, mayBeEmpty = false): Promise<LoadedContexts> {
  const { env } = terminal;
  const { paths, source } = namedFiles(terminal);
  const files: string[] = [];
  const kubeconfig: Kubeconfig[number][] = [];
  const oneOfSeveral = mayBeEmpty || paths.length > 1;
  const home = ekspressHome(env);
  for (const path of paths) {
    if (path !== '/dev/stdin') await restoreFile(path, home);
    const text = await readSettledText(path, oneOfSeveral);
    if (text === undefined) continue;
    files.push(path);
    kubeconfig.push(parseKubeconfig(text, { place: path, directory: resolve(path, '..'), oneOfSeveral }));
  }
  if (kubeconfig.length === 0 && !mayBeEmpty)
    throw source === 'KUBECONFIG' ? nothingListed(paths) : noSuchFile(paths, WRITE_ONE);
  const current = kubeconfig.find((file) => file.currentContext !== undefined)?.currentContext;
  const contexts = contextNames(kubeconfig).map((name) => ({
    name,
    current: name === current,
    ...attempt(kubeconfig, name),
  }));
  return { files, kubeconfig, contexts };
}

function attempt(kubeconfig: Kubeconfig, name: string): { selected: SelectedContext } | { problem: EKSAuthError } {
  try {
    return { selected: selectContext(kubeconfig, name) };
  } catch (error) {
    if (error instanceof EKSAuthError) return { problem: error };
    throw error;
  }
}

function nothingListed(paths: readonly string[]): EKSAuthError {
  return new EKSAuthError('INVALID_KUBECONFIG', `KUBECONFIG names no file that exists: ${paths.join(', ')}.`, {
    remedy: `Correct KUBECONFIG. ${WRITE_ONE}`,
  });
}
