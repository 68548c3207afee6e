import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalEKS, startLocalEKS } from 'ekspress/testing';

/** A local cluster, and a home with its profiles. */
export interface MCPWorld extends AsyncDisposable {
  readonly eks: LocalEKS;
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  /** Writes a file into the home directory. */
  write(name: string, text: string): Promise<string>;
}

export async function mcpWorld(): Promise<MCPWorld> {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'ekspress-mcp-')));
  const eks = await startLocalEKS();
  await eks.writeAWSFiles(home, { defaultProfile: 'reader' });
  return {
    eks,
    home,
    env: { HOME: home, PATH: process.env.PATH ?? '' },
    async write(name, text) {
      await writeFile(join(home, name), text);
      return join(home, name);
    },
    async [Symbol.asyncDispose]() {
      await eks.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
