import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { MintFacts } from '../../src/aws/context/mint-context.ts';
import type { InProcessMint, Undecided } from '../../src/aws/mint/in-process-mint.ts';
import type { CLIVersion } from '../../src/aws/stanza/get-token-arguments.ts';
import { parseExecConfig } from '../../src/aws/stanza/parse-exec-config.ts';
import { EKSAuthError } from '../../src/errors.ts';
import { hostFrom } from '../../src/host.ts';
import { Recorder } from '../../src/recording/recorder.ts';
import { mintInProcess } from './mint-in-process.ts';
import { PATH } from './paths.ts';

/** A home directory and an environment that knows nothing else. */
export interface World {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Files relative to the home; `%` in the config file stands for its path. */
export async function makeHome(
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): Promise<World> {
  const path = await mkdtemp(join(tmpdir(), 'ekspress-aws-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), name === '.aws/config' ? text.replaceAll('%', path) : text);
  }
  return { path, env: { PATH, HOME: path, AWS_EC2_METADATA_DISABLED: 'true', ...env } };
}

export interface Attempt {
  readonly minted: InProcessMint | Undecided | EKSAuthError;
  /** The files that were read, in order, absent ones included. */
  readonly read: readonly string[];
}

/** `aws eks get-token --cluster-name c` and more arguments, in that world. */
export async function mint(
  world: World,
  args: readonly string[] = [],
  extra: Partial<MintFacts> = {},
  cliVersion: CLIVersion = 'v2',
): Promise<Attempt> {
  const recorder = extra.recorder ?? new Recorder(extra.host?.env ?? world.env);
  const read = () => [...recorder.facts().files.keys()];
  try {
    const stanza = { command: 'aws', args: ['eks', 'get-token', '--cluster-name', 'c', ...args] };
    const config = parseExecConfig(stanza, { cliVersion });
    const minted = await mintInProcess({ config, host: hostFrom({ env: world.env }), recorder, ...extra });
    return { minted, read: read() };
  } catch (error) {
    if (error instanceof EKSAuthError) return { minted: error, read: read() };
    throw error;
  }
}
