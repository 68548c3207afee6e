import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { MintFacts } from '../../src/aws/context/mint-context.ts';
import type { InProcessMint, Undecided } from '../../src/aws/mint/in-process-mint.ts';
import type { CLIVersion } from '../../src/aws/stanza/get-token-arguments.ts';
import { parseExecConfig } from '../../src/aws/stanza/parse-exec-config.ts';
import { EKSAuthError } from '../../src/errors.ts';
import { hostFrom } from '../../src/host.ts';
import { mintInProcess } from './mint-in-process.ts';
import { PATH } from './paths.ts';

/** What a real CLI did in one situation. */
export interface VectorResult {
  readonly exitCode: number;
  readonly stderr: string;
  readonly execCredential: { readonly status: { readonly token: string; readonly expirationTimestamp: string } } | null;
  readonly decodedUrl: string | null;
  readonly accessKeyId: string | null;
  readonly requests: readonly VectorHTTPRequest[] | null;
}

export interface VectorHTTPRequest {
  readonly method: string;
  readonly url: string;
  readonly form: Readonly<Record<string, string>>;
  readonly json: unknown;
  readonly signerAccessKeyId: string | null;
  readonly securityToken: string | null;
}

export interface Vector {
  readonly id: string;
  readonly group: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  readonly time: string;
  readonly stub: Readonly<Record<string, unknown>>;
  readonly v1: VectorResult;
  readonly v2: VectorResult;
}

function readVectors(name: string): readonly Vector[] {
  const file = new URL(`../vectors/${name}`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: Vector[] }).cases;
}

export const vectors: readonly Vector[] = readVectors('aws-eks-get-token.json');

/** Situations that once told us apart from the CLIs; `test/vectors/record-found.mjs` records them. */
export const foundDifferences: readonly Vector[] = readVectors('found-differences.json');

/** Makes the home directory of a vector and returns the environment it ran in. */
export async function arrange(vector: Pick<Vector, 'files' | 'env'>): Promise<Record<string, string>> {
  const home = await mkdtemp(join(tmpdir(), 'ekspress-vector-'));
  const inHome = (text: string) => text.replaceAll('${HOME}', home);
  for (const [path, text] of Object.entries(vector.files)) {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), inHome(text));
  }
  const env = Object.entries(vector.env).map(([name, value]) => [name, inHome(value)]);
  return { PATH, HOME: home, TZ: 'UTC', LANG: 'C.UTF-8', ...Object.fromEntries(env) };
}

/** What our side does in the situation of a vector. */
export async function mintVector(
  vector: Vector,
  version: CLIVersion,
  env: Record<string, string>,
  extra: Partial<MintFacts> = {},
): Promise<InProcessMint | Undecided | EKSAuthError> {
  try {
    const config = parseExecConfig({ command: 'aws', args: vector.argv }, { cliVersion: version });
    const host = hostFrom({ env, now: () => new Date(vector.time) });
    return await mintInProcess({ config, host, ...extra });
  } catch (error) {
    if (error instanceof EKSAuthError) return error;
    throw error;
  }
}
