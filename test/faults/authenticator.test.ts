import { writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { askedApiVersion } from '../../src/aws/command/exec-info.ts';
import { MintMemory } from '../../src/aws/context/mint-memory.ts';
import type { InProcessMint, Undecided } from '../../src/aws/mint/in-process-mint.ts';
import { ReleaseNotes } from '../../src/aws/program/release-notes.ts';
import { parseExecConfig } from '../../src/aws/stanza/parse-exec-config.ts';
import { lifetime } from '../../src/cache/rules.ts';
import { EKSAuthError } from '../../src/errors.ts';
import { hostFrom } from '../../src/host.ts';
import { type AuthenticatorSituation, authenticatorSituation } from '../support/authenticator-situation.ts';
import {
  type AuthenticatorRequest,
  authenticatorVectors,
  comparableURL,
  dateOfURL,
  stanzaOf,
  withoutRepetition,
} from '../support/authenticator-vectors.ts';
import { mintInProcess } from '../support/mint-in-process.ts';
import { noteSkipped, OUTER_PATH } from '../support/optional-programs.ts';
import { seededRandom } from '../support/random.ts';
import { findAuthenticators, type RealAuthenticator, runAuthenticator } from '../support/real-authenticators.ts';
import { SEED } from '../support/seed.ts';
import { type STSBehindProxy, startSTSBehindProxy } from '../support/sts-behind-proxy.ts';

/**
 * The same random situation for a real aws-iam-authenticator and for ekspress: the same URL, the same requests, the same
 * ExecCredential, or a failure of both. EKSPRESS_AUTHENTICATORS names the programs, EKSPRESS_DIFFERENTIAL sets how many
 * situations each of them gets, EKSPRESS_SEED repeats a run.
 */
const SITUATIONS = Number(process.env.EKSPRESS_DIFFERENTIAL ?? 60);
/** With a number, the answers to that many situations of each release become the vectors. */
const RECORD = Number(process.env.EKSPRESS_RECORD_AUTHENTICATOR ?? 0);
const VECTORS = new URL('../vectors/aws-iam-authenticator.json', import.meta.url);

type Ours = InProcessMint | Undecided | EKSAuthError;

interface Comparison {
  readonly name: string;
  readonly situation: AuthenticatorSituation;
  /** Undefined where the program failed. */
  readonly theirs: { readonly url: string; readonly apiVersion: string; readonly lifeMs: number } | undefined;
  readonly said: string;
  readonly theirRequests: readonly AuthenticatorRequest[];
  readonly ours: Ours;
  readonly ourRequests: readonly AuthenticatorRequest[];
}

const authenticators = await findAuthenticators();
if (authenticators.length === 0) noteSkipped('no aws-iam-authenticator');

describe.skipIf(authenticators.length === 0)('the same situations for aws-iam-authenticator and for ekspress', () => {
  it.each(authenticators)(
    `end alike (release $release, seed ${SEED})`,
    { timeout: 120_000 + SITUATIONS * 2000 },
    async (authenticator) => {
      await using sts = await startSTSBehindProxy();
      const comparisons: Comparison[] = [];
      for (let index = 0; index < SITUATIONS; index += 1) {
        comparisons.push(await compare(authenticator, sts, SEED * 1000 + index));
      }
      const of = (kind: string) => comparisons.filter(({ ours }) => 'kind' in ours && ours.kind === kind);
      const [minted, left] = [of('minted'), of('undecided')];
      const failed = comparisons.filter(({ theirs }) => theirs === undefined);
      console.log(
        `aws-iam-authenticator ${authenticator.release}, seed ${SEED}: ${comparisons.length} situations, ${minted.length} tokens, ${left.length} left to it, ${failed.length} in which it fails\n${reasons(left)}`,
      );
      expect(comparisons.map(difference).filter((found) => found !== undefined)).toEqual([]);
      // A handful may all be mistakes.
      if (SITUATIONS >= 30) expect(minted.length).toBeGreaterThan(SITUATIONS / 10);
    },
  );

  it.runIf(RECORD > 0)('are recorded', { timeout: 3_600_000 }, async () => {
    await using sts = await startSTSBehindProxy();
    const here = authenticators.map(({ release }) => release);
    const vectors = authenticatorVectors().filter(({ release }) => !here.includes(release));
    for (const authenticator of authenticators) {
      const { release } = authenticator;
      let recorded = 0;
      for (let seed = SEED * 1000; recorded < RECORD; seed += 1) {
        const { situation, theirs, theirRequests, ours } = await compare(authenticator, sts, seed);
        // What is left to the program says nothing about ekspress.
        if ('kind' in ours && ours.kind === 'undecided') continue;
        const requests = withoutRepetition(theirRequests);
        const files = onlyMentioned(situation);
        vectors.push({ release, ...situation, files, ...(theirs && { url: theirs.url }), requests });
        recorded += 1;
      }
    }
    const text = vectors.map((vector) => JSON.stringify(vector)).join(',\n');
    writeFileSync(VECTORS, `[\n${text}\n]\n`);
  });
});

/** The AWS files, and those whose names the situation mentions. */
function onlyMentioned({ args, env, files }: AuthenticatorSituation): Readonly<Record<string, string>> {
  const words = JSON.stringify([args, env]);
  return Object.fromEntries(
    Object.entries(files).filter(([name]) => name.startsWith('.aws/') || words.includes(`/${name}"`)),
  );
}

function reasons(left: readonly Comparison[]): string {
  const counts = new Map<string, number>();
  for (const { ours } of left) {
    const reason = 'reason' in ours ? ours.reason.replace(/"[^"]*"/g, '"…"') : '';
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => `  ${count} ${reason}`).join('\n');
}

async function compare(authenticator: RealAuthenticator, sts: STSBehindProxy, seed: number): Promise<Comparison> {
  const situation = authenticatorSituation(seededRandom(seed));
  sts.userId = situation.userId;
  const theirs = await arrange(situation, sts);
  const own = await arrange(situation, sts);
  try {
    const run = await runAuthenticator(authenticator.path, theirs.args, theirs.env);
    const theirRequests = sts.take();
    const answer = run.exitCode === 0 ? answerOf(run.stdout) : undefined;
    const at = answer ? dateOfURL(answer.url) : new Date();
    const ours = await mint(authenticator, own, at);
    const ourRequests = sts.take();
    const said = `${run.stdout}${run.stderr}`.slice(0, 600);
    return { name: `case ${seed}`, situation, theirs: answer, said, theirRequests, ours, ourRequests };
  } finally {
    await rm(theirs.home, { recursive: true, force: true });
    await rm(own.home, { recursive: true, force: true });
  }
}

/** @returns undefined where the program printed no token, such as its help */
function answerOf(stdout: string): Comparison['theirs'] {
  const token = /k8s-aws-v1\.[\w-]+/.exec(stdout)?.[0];
  if (token === undefined) return undefined;
  const url = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  const { apiVersion = '', status } = stdout.startsWith('{') ? JSON.parse(stdout) : {};
  const end = status?.expirationTimestamp;
  return { url, apiVersion, lifeMs: end === undefined ? 0 : Date.parse(end) - dateOfURL(url).getTime() };
}

async function mint({ path, release }: RealAuthenticator, { args, env }: Arranged, at: Date): Promise<Ours> {
  class Told extends ReleaseNotes {
    override async read(): Promise<string> {
      return release;
    }
  }
  try {
    const config = parseExecConfig(stanzaOf(path, args, env));
    const host = hostFrom({ env, now: () => at });
    return await mintInProcess({ config, host, memory: new MintMemory(), releases: new Told('/nowhere') });
  } catch (error) {
    if (error instanceof EKSAuthError) return error;
    throw error;
  }
}

interface Arranged {
  readonly home: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

async function arrange({ args, env, files }: AuthenticatorSituation, sts: STSBehindProxy): Promise<Arranged> {
  const home = await mkdtemp(join(tmpdir(), 'ekspress-authenticator-'));
  const fill = (text: string) => text.replaceAll('${HOME}', home).replaceAll('${STS}', sts.plain);
  for (const [path, text] of Object.entries({ ...files, 'ca.pem': sts.certificate })) {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), fill(text), { mode: 0o600 });
  }
  const always = {
    PATH: OUTER_PATH,
    HOME: home,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:9',
    AWS_CA_BUNDLE: join(home, 'ca.pem'),
    HTTPS_PROXY: sts.proxy,
  };
  const filled = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(value)]));
  return { home, args: args.map(fill), env: { ...always, ...filled } };
}

/** What is wrong, if anything: another URL, other requests, another answer, or an end of another kind. */
function difference(comparison: Comparison): string | undefined {
  const { situation, theirs, ours, theirRequests, ourRequests } = comparison;
  if ('kind' in ours && ours.kind === 'undecided') return undefined;
  if (theirs === undefined) {
    return ours instanceof EKSAuthError ? undefined : report(comparison, 'a token where the program prints none');
  }
  if (ours instanceof EKSAuthError) {
    return report(comparison, `${ours.code} where the program makes a token: ${ours.message}`);
  }
  const url = Buffer.from(ours.token.split('.')[1] ?? '', 'base64url').toString();
  if (comparableURL(url, theirs.url) !== comparableURL(theirs.url, theirs.url)) {
    return report(comparison, `another URL\n  ours ${url}\n  its  ${theirs.url}`);
  }
  const [asked, wanted] = [ourRequests, withoutRepetition(theirRequests)].map((requests) => JSON.stringify(requests));
  if (asked !== wanted) return report(comparison, `other requests\n  ours ${asked}\n  its  ${wanted}`);
  if (theirs.apiVersion === '') return undefined;
  const { apiVersion } = askedApiVersion(situation.env.KUBERNETES_EXEC_INFO);
  if (apiVersion !== theirs.apiVersion) return report(comparison, `${apiVersion} in place of ${theirs.apiVersion}`);
  const { tellUntil } = lifetime(ours.mintedAt, ours.credentialsExpireAt);
  const apart = Math.abs(tellUntil.getTime() - ours.mintedAt.getTime() - theirs.lifeMs);
  // The program reads its clock twice.
  return apart <= 1000 ? undefined : report(comparison, `an end ${apart} ms from its own`);
}

function report({ name, situation, said }: Comparison, problem: string): string {
  return `${name}: ${problem}\n${JSON.stringify(situation)}\nIt said: ${said.slice(0, 300)}`;
}
