import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterRegistry, type ClusterRegistryOptions } from 'ekspress';
import { type LocalEKS, type LocalEKSOptions, startLocalEKS } from 'ekspress/testing';

/** A local cluster, a home directory with its profiles in it, and a registry that lives there. */
export interface LocalWorld extends AsyncDisposable {
  readonly eks: LocalEKS;
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  readonly registry: ClusterRegistry;
  /** Writes a file into the home directory. */
  write(name: string, text: string): Promise<string>;
}

export async function localWorld(
  options: ClusterRegistryOptions = {},
  eksOptions: LocalEKSOptions = {},
): Promise<LocalWorld> {
  const home = await mkdtemp(join(tmpdir(), 'ekspress-cluster-'));
  const eks = await startLocalEKS(eksOptions);
  await eks.writeAWSFiles(home);
  const env = { HOME: home, PATH: '/nonexistent' };
  const registry = new ClusterRegistry({ env, ...options });
  return {
    eks,
    home,
    env,
    registry,
    async write(name, text) {
      const path = join(home, name);
      await writeFile(path, text);
      return path;
    },
    async [Symbol.asyncDispose]() {
      await registry.close();
      await eks.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Gives the admin other keys: tokens that were signed with the old ones are refused from now on. */
export async function rotateKeys({ eks, home }: LocalWorld): Promise<void> {
  const { admin } = eks.identities;
  const rotated = {
    ...admin,
    accessKeyId: 'AKIAROTATEDROTATED00',
    secretAccessKey: 'rotated/secret/rotated/secret/rotated0',
  };
  eks.revoke(admin.accessKeyId);
  eks.addIdentity(rotated);
  const keys = `aws_access_key_id = ${rotated.accessKeyId}\naws_secret_access_key = ${rotated.secretAccessKey}\n`;
  await writeFile(join(home, '.aws', 'credentials'), `[admin]\n${keys}`);
}

/** Waits until something is true; the test's own time limit ends it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
