import { readFileSync } from 'node:fs';
import type { PlannedMint } from '../../src/aws/context/mint-context.ts';
import { MintMemory } from '../../src/aws/context/mint-memory.ts';
import { ssoAccessToken } from '../../src/aws/credentials/sso-token.ts';
import { nodeTransport } from '../../src/aws/http/node-transport.ts';
import type { SSOSource } from '../../src/aws/plan/plan.ts';
import { hostFrom } from '../../src/host.ts';
import { Recorder } from '../../src/recording/recorder.ts';

// A process of ours for which a shared login is always about to end: argv = file, address of OIDC, rounds.
const [tokenFile = '', oidcUrl = '', rounds = '0'] = process.argv.slice(2);
const source = { kind: 'sso', profile: 'acme', session: 'corp', tokenFile, oidcUrl, region: 'us-east-1', startUrl: '' };
const http = { connectTimeoutMs: 5_000, readTimeoutMs: 5_000 };
const retry = { mode: 'standard', attempts: 3, attemptsWithoutAnswer: 3 };
const failures: string[] = [];
let renewed = 0;
for (let round = 0; round < Number(rounds); round += 1) {
  const before = JSON.parse(readFileSync(tokenFile, 'utf8'));
  const tenMinutesBeforeTheEnd = new Date(Date.parse(before.expiresAt) - 600_000);
  const recorder = new Recorder({});
  const context = {
    ...hostFrom({ env: {}, now: () => tenMinutesBeforeTheEnd }),
    plan: { http, retry },
    memory: new MintMemory(),
    recorder,
    transport: nodeTransport(recorder),
  };
  try {
    const accessToken = await ssoAccessToken(source as SSOSource, context as unknown as PlannedMint);
    if (accessToken !== before.accessToken) renewed += 1;
  } catch (error) {
    failures.push(String(error));
  }
  await new Promise((later) => setTimeout(later, Math.random() * 20));
}
console.log(JSON.stringify({ renewed, failures }));
