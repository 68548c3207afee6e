import type { Token } from '../../aws/token/token.ts';
import type { Environment } from '../../host.ts';
import { expandHome } from '../../kubeconfig/read/kubeconfig-paths.ts';
import type { SelectedContext } from '../../kubeconfig/read/select-context.ts';
import { checkArgument, checkOptions } from '../../options/check-options.ts';
import type { Mapping } from '../../system/mapping.ts';
import type { ClusterAuth } from '../requests/cluster-auth.ts';
import { kubeconfigDocument } from './kubeconfig-document.ts';
import { tokenCommand } from './token-command.ts';
import { writePrivateFile } from './write-file.ts';
import { FILE_PATH, WRITE_SCHEMA, type WriteKubeconfigOptions } from './write-options.ts';

/** The parts of a cluster that its kubeconfig is made of. */
export interface WrittenCluster {
  readonly id: string;
  readonly selected: SelectedContext;
  readonly auth: ClusterAuth;
  readonly env: Environment;
  getToken(): Promise<Token>;
}

/**
 * Writes the kubeconfig of a cluster.
 * @returns the absolute path
 * @throws EKSAuthError
 */
export async function writeKubeconfigOf(
  cluster: WrittenCluster,
  path: string,
  options: WriteKubeconfigOptions,
): Promise<string> {
  checkArgument('cluster.writeKubeconfig', 'path', path, FILE_PATH);
  checkOptions('cluster.writeKubeconfig', options, WRITE_SCHEMA);
  const { replace = false, token = false, packageFolder } = options;
  const { id, selected, auth, env } = cluster;
  auth.assertOpen();
  const { eks } = auth;
  let credentials: Mapping | undefined;
  if (token) credentials = { token: (await cluster.getToken()).token };
  else if (eks !== undefined) credentials = tokenCommand(id, eks, packageFolder);
  return writePrivateFile(expandHome(path, env), textOf(kubeconfigDocument(selected, credentials)), replace);
}

/**
 * JSON, which is YAML to kubectl and has quotes around every text: a plain `yes` or `1_000` is not a text to it. What YAML
 * takes for a line break, or does not take, is escaped.
 */
function textOf(document: Mapping): string {
  const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `${JSON.stringify(document, undefined, 2).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, escaped)}\n`;
}
