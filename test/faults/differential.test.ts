import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MintMemory } from '../../src/aws/context/mint-memory.ts';
import type { InProcessMint, Undecided } from '../../src/aws/mint/in-process-mint.ts';
import { parseExecConfig } from '../../src/aws/stanza/parse-exec-config.ts';
import { EKSAuthError } from '../../src/errors.ts';
import { hostFrom } from '../../src/host.ts';
import { expectedCode } from '../support/expected-code.ts';
import {
  baseEnvironment,
  type CLIRun,
  faketimeLibrary,
  findCLIs,
  type RealCLI,
  runFrozen,
} from '../support/frozen-aws-cli.ts';
import { mintInProcess } from '../support/mint-in-process.ts';
import type { VectorHTTPRequest } from '../support/mint-vectors.ts';
import { noteSkipped } from '../support/optional-programs.ts';
import { seededRandom } from '../support/random.ts';
import { randomSituation, type Situation } from '../support/random-situation.ts';
import { SEED } from '../support/seed.ts';
import { startLocalAWS } from '../support/stub-aws-server.ts';

/**
 * The same random situation for a real AWS CLI and for us, with the same clock: the same token, the same requests, or a
 * failure of both. EKSPRESS_DIFFERENTIAL sets how many in all, EKSPRESS_SEED repeats a run.
 */
const TIME = '2024-06-15T12:34:56Z';
const SITUATIONS = Number(process.env.EKSPRESS_DIFFERENTIAL ?? (process.env.CI ? 60 : 24));
/** Each CLI is a Python that takes a second of one core. */
const AT_A_TIME = 2;

type Ours = InProcessMint | Undecided | EKSAuthError;

interface Comparison {
  readonly name: string;
  readonly situation: Situation;
  readonly cli: CLIRun;
  readonly cliRequests: readonly VectorHTTPRequest[];
  readonly ours: Ours;
  readonly ourRequests: readonly VectorHTTPRequest[];
}

const clis = faketimeLibrary() === undefined ? [] : await findCLIs();
/** The CLIs share the work. */
const CASES = Math.ceil(SITUATIONS / Math.max(clis.length, 1));
for (const version of ['v1', 'v2'] as const) {
  if (!clis.some((cli) => cli.version === version)) noteSkipped(`no aws ${version} (or no faketime)`);
}

describe.skipIf(clis.length === 0)('the same situations for a real AWS CLI and for ekspress', () => {
  it.each(clis)(
    `end alike ($version, release $release, seed ${SEED})`,
    { timeout: 120_000 + CASES * 10_000 },
    async (cli) => {
      const comparisons = await compareMany(cli);
      const undecided = comparisons.filter(({ ours }) => !(ours instanceof EKSAuthError) && ours.kind === 'undecided');
      const minted = comparisons.filter(({ ours }) => !(ours instanceof EKSAuthError) && ours.kind === 'minted');
      console.log(
        `aws ${cli.release}, seed ${SEED}: ${comparisons.length} situations, ${minted.length} tokens, ${undecided.length} left to the CLI (${reasons(undecided)})`,
      );
      expect(comparisons.map(difference).filter((found) => found !== undefined)).toEqual([]);
      // A handful may all be mistakes.
      if (CASES >= 30) expect(minted.length).toBeGreaterThan(CASES / 10);
    },
  );
});

function reasons(undecided: readonly Comparison[]): string {
  return [...new Set(undecided.map(({ ours }) => ('reason' in ours ? ours.reason : '')))].join('; ');
}

async function compareMany(cli: RealCLI): Promise<readonly Comparison[]> {
  const seeds = Array.from({ length: CASES }, (_, index) => SEED * 1000 + index);
  const comparisons: Comparison[] = [];
  const worker = async () => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) comparisons.push(await compare(cli, seed));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return comparisons;
}

async function compare(cli: RealCLI, seed: number): Promise<Comparison> {
  const situation = randomSituation(seededRandom(seed), { network: cli.configurableEndpoints });
  const aws = await startLocalAWS(new Date(TIME));
  const theirs = await arrange(situation, aws.url, cli);
  const own = await arrange(situation, aws.url, cli);
  try {
    const run = await runFrozen({ path: theirs.command }, theirs.args, theirs.env, TIME);
    const cliRequests = aws.takeRequests();
    const ours = await mint(own);
    return { name: `case ${seed}`, situation, cli: run, cliRequests, ours, ourRequests: aws.takeRequests() };
  } finally {
    await aws.close();
    await rm(theirs.home, { recursive: true, force: true });
    await rm(own.home, { recursive: true, force: true });
  }
}

/** Asked once which version each CLI is. What else a process remembers is forgotten, since servers come back at the same port. */
const { programs } = new MintMemory();

async function mint({ command, args, env }: Arranged): Promise<Ours> {
  try {
    // The command's own path: where the versions disagree, that very CLI is asked.
    const config = parseExecConfig({ command, args });
    return await mintInProcess({
      config,
      host: hostFrom({ env, now: () => new Date(TIME) }),
      memory: Object.assign(new MintMemory(), { programs }),
    });
  } catch (error) {
    if (error instanceof EKSAuthError) return error;
    throw error;
  }
}

interface Arranged {
  readonly home: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

async function arrange({ args, env, files, script }: Situation, stub: string, cli: RealCLI): Promise<Arranged> {
  const home = await mkdtemp(join(tmpdir(), 'ekspress-differential-'));
  const { port } = new URL(stub);
  const fill = (text: string) =>
    text
      .replaceAll('${HOME}', home)
      .replaceAll('${STUB}', stub)
      .replaceAll('${AWS}', cli.path)
      .replace(/\$\{PORT@([\w.]+)\}/g, `http://$1:${port}`);
  for (const [path, text] of Object.entries(script === undefined ? files : { ...files, 'bin/aws': script })) {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), fill(text), { mode: path === 'bin/aws' ? 0o755 : 0o600 });
  }
  const filled = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(value)]));
  const command = script === undefined ? cli.path : join(home, 'bin/aws');
  return { home, command, args: args.map(fill), env: { ...baseEnvironment(), HOME: home, ...filled } };
}

/** What is wrong, if anything: another token, other requests, or an end of another kind. */
function difference(comparison: Comparison): string | undefined {
  const { cli, ours, cliRequests, ourRequests } = comparison;
  if (!(ours instanceof EKSAuthError) && ours.kind === 'undecided') return undefined;
  if (cli.exitCode !== 0) {
    if (!(ours instanceof EKSAuthError)) return report(comparison, 'a token where the CLI fails');
    return sameFailure(ours, cli) ? undefined : report(comparison, `${ours.code}: ${ours.message}`);
  }
  if (ours instanceof EKSAuthError)
    return report(comparison, `${ours.code} where the CLI makes a token: ${ours.message}`);
  if (ours.token !== cli.token) {
    return report(comparison, `another token\n  ours ${decoded(ours.token)}\n  CLI  ${decoded(cli.token ?? '')}`);
  }
  const asked = (requests: readonly VectorHTTPRequest[]) => JSON.stringify(requests.map(inOrder));
  if (asked(cliRequests) === asked(ourRequests)) return undefined;
  return report(comparison, `other requests\n  ours ${asked(ourRequests)}\n  CLI  ${asked(cliRequests)}`);
}

/** Of two mistakes in one situation, each of us may find another one first; one of them is then a wrong setting. */
function sameFailure(ours: EKSAuthError, cli: CLIRun): boolean {
  const codes = [ours.code, expectedCode(cli.stderr)];
  return codes.includes('INVALID_CONFIG') || codes[0] === codes[1];
}

/** The order of form fields says nothing. */
function inOrder(request: VectorHTTPRequest): VectorHTTPRequest {
  return { ...request, form: Object.fromEntries(Object.entries(request.form).sort()) };
}

function report({ name, situation, cli }: Comparison, problem: string): string {
  return `${name}: ${problem}\n${JSON.stringify(situation, null, 1)}\nCLI said: ${cli.stderr.slice(-600)}`;
}

function decoded(token: string): string {
  return Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
}
