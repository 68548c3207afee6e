import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalEKS } from 'ekspress/testing';
import type { Environment } from '../../host.ts';
import { packageFile } from '../../plugin/package-file.ts';

/** The exec plugin of this package. */
export const PLUGIN: string = packageFile('bin/ekspress-exec');

/** A home folder with AWS keys and a kubeconfig, as `aws configure` and `aws eks update-kubeconfig` write them. */
export interface DemoHome {
  readonly env: Environment;
  /** The kubeconfig as the AWS CLI writes it. */
  readonly kubeconfig: string;
  /** The same kubeconfig with the ekspress plugin before the original command. */
  readonly wrapped: string;
  readonly cacheDirectory: string;
}

/** Writes the files of the demo's home into an empty directory. */
export async function prepareHome(home: string, eks: LocalEKS, outer: Environment): Promise<DemoHome> {
  const { accessKeyId, secretAccessKey } = eks.identities.admin;
  await mkdir(join(home, '.aws'));
  await mkdir(join(home, '.kube'));
  const keys = `[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
  await writeFile(join(home, '.aws', 'credentials'), keys, { mode: 0o600 });
  const text = eks.kubeconfig();
  const kubeconfig = join(home, '.kube', 'config');
  const wrapped = join(home, '.kube', 'config-with-ekspress');
  await writeFile(kubeconfig, text, { mode: 0o600 });
  const behindUs = text.replace(/^( +)args:\n/m, '$1args:\n$1- aws\n').replace('command: aws', `command: ${PLUGIN}`);
  await writeFile(wrapped, behindUs, { mode: 0o600 });
  const env = { PATH: outer.PATH, HOME: home, ...(outer.PYENV_ROOT && { PYENV_ROOT: outer.PYENV_ROOT }) };
  return { env, kubeconfig, wrapped, cacheDirectory: join(home, '.kube', 'cache', 'eks-tokens') };
}
