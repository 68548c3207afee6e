import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalAWS, type LocalEKS, startLocalAWS, startLocalEKS } from 'ekspress/testing';

/** A local cluster on a local AWS, and a home with its profiles. */
export interface MCPWorld extends AsyncDisposable {
  readonly aws: LocalAWS;
  readonly eks: LocalEKS;
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  /** Writes a file into the home directory. */
  write(name: string, text: string): Promise<string>;
}

export async function mcpWorld(): Promise<MCPWorld> {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'ekspress-mcp-')));
  const aws = await startLocalAWS();
  const eks = await startLocalEKS({ aws });
  await eks.writeAWSFiles(home, { defaultProfile: 'reader' });
  return {
    aws,
    eks,
    home,
    env: { HOME: home, PATH: process.env.PATH ?? '', AWS_ENDPOINT_URL_EKS: aws.endpoint },
    async write(name, text) {
      await writeFile(join(home, name), text);
      return join(home, name);
    },
    async [Symbol.asyncDispose]() {
      await eks.close();
      await aws.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
