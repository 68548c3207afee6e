import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EKSAuthError, parseExecConfig, TokenManager } from 'ekspress';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AWSNetwork, type Seen, startAWSNetwork } from '../support/aws-network.ts';
import { SITUATIONS, type Situation } from '../support/aws-network-situations.ts';

/** What a call did: whether a token came out, and what the network saw. */
interface Outcome extends Seen {
  readonly token: boolean;
}

const VECTORS = fileURLToPath(new URL('../vectors/aws-network.json', import.meta.url));
const vectors: Record<string, Record<'v1' | 'v2', Outcome>> = JSON.parse(readFileSync(VECTORS, 'utf8'));

/** The programs of both generations, to record their answers again: `EKSPRESS_RECORD_NETWORK=<aws v1>:<aws v2>`. */
const RECORDED_FROM = process.env.EKSPRESS_RECORD_NETWORK;

let network: AWSNetwork;
beforeAll(async () => {
  network = await startAWSNetwork();
});
afterAll(() => network[Symbol.asyncDispose]());

function wordsOf({ args = [] }: Situation): string[] {
  const more = args.map((word) => network.fill(word));
  const role = ['--role-arn', 'arn:aws:iam::123456789012:role/r'];
  return [...more, '--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev', ...role];
}

async function outcomeOf(call: () => Promise<boolean>): Promise<Outcome> {
  network.take();
  const token = await call();
  return { token, ...network.take() };
}

/** @returns `left` where the original command decides */
async function ours(situation: Situation, cliVersion: 'v1' | 'v2'): Promise<Outcome | 'left'> {
  const env = network.arrange(situation);
  const config = parseExecConfig({ command: 'aws', args: wordsOf(situation) }, { cliVersion });
  let left = false;
  const outcome = await outcomeOf(async () => {
    using manager = new TokenManager(config, { env, cache: false, execPolicy: 'eks-only' });
    try {
      return (await manager.getValidToken()).token.startsWith('k8s-aws-v1.');
    } catch (error) {
      expect(error).toBeInstanceOf(EKSAuthError);
      left = (error as EKSAuthError).code === 'EXEC_DENIED';
      return false;
    }
  });
  return left ? 'left' : outcome;
}

/** What is done otherwise, and why it may be. */
const OTHERWISE: Readonly<Record<string, { readonly token: boolean; readonly because: string }>> = {
  'address: a line feed behind': { token: false, because: 'releases of urllib3 differ, and the newest refuse' },
  'certificates: a damaged one last': { token: true, because: 'the server is trusted by the whole one before it' },
};

describe('a way to AWS', () => {
  const names = Object.keys(SITUATIONS).flatMap((name) => (['v1', 'v2'] as const).map((version) => [name, version]));
  it.each(names as [string, 'v1' | 'v2'][])(
    'is taken as the AWS CLI takes it, or left to it: %s, %s',
    async (name, version) => {
      const outcome = await ours(SITUATIONS[name] as Situation, version);
      const otherwise = OTHERWISE[name];
      if (otherwise !== undefined) expect(outcome).toMatchObject({ token: otherwise.token });
      else if (outcome !== 'left') expect(outcome).toEqual(vectors[name]?.[version]);
    },
  );
});

describe.runIf(RECORDED_FROM)('the AWS CLIs', () => {
  it('are asked what they do', { timeout: 3_600_000 }, async () => {
    const [v1 = '', v2 = ''] = (RECORDED_FROM ?? '').split(delimiter);
    const recorded: typeof vectors = {};
    for (const [name, situation] of Object.entries(SITUATIONS)) {
      const env = {
        ...network.arrange(situation),
        PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
        PYTHONWARNINGS: 'ignore',
      };
      const run = (program: string) => () =>
        new Promise<boolean>((ended) => {
          execFile(program, wordsOf(situation), { env, timeout: 60_000 }, (error) => ended(error === null));
        });
      recorded[name] = { v1: await outcomeOf(run(v1)), v2: await outcomeOf(run(v2)) };
      writeFileSync(VECTORS, `${JSON.stringify(recorded, null, 1)}\n`);
    }
  });
});
