import * as z from 'zod';
import { type SeenIdentity, whoAmI } from '../api-server.ts';
import { describeFailure } from '../failure.ts';
import { clusterIdInput } from '../schemas.ts';
import { defineTool, type Tool, type ToolSurroundings } from '../tool.ts';

/** EKS takes tokens of clocks that are a few minutes off; from here on it is worth a word. */
const WORTH_A_WORD_MS = 60_000;

const check = z.object({
  name: z.enum(['token', 'api_server', 'clock']),
  status: z.enum(['ok', 'warning', 'failed', 'skipped']),
  detail: z.string(),
  remedy: z.string().optional(),
});
type Check = z.infer<typeof check>;

export const diagnose: Tool = defineTool({
  name: 'diagnose',
  title: 'Diagnose an EKS cluster',
  description:
    'Find out why a registered EKS cluster cannot be used: can a token be made, does the API server answer and accept it, do the clocks agree. Each finding comes with its remedy. Changes nothing.',
  input: z.object({ cluster_id: clusterIdInput }),
  output: z.object({ cluster_id: z.string(), healthy: z.boolean(), checks: z.array(check) }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: true },
  async run({ cluster_id }, surroundings) {
    const checks = await examine(cluster_id, surroundings);
    return { cluster_id, healthy: checks.every(({ status }) => status !== 'failed'), checks };
  },
});

async function examine(id: string, { desk, signal }: ToolSurroundings): Promise<Check[]> {
  const cluster = desk.get(id);
  const { logger, now } = desk.host;
  const failed = (name: Check['name'], error: unknown): Check => {
    const { code, message, remedy } = describeFailure(error, logger);
    return { name, status: 'failed', detail: `${code}: ${message}`, remedy };
  };
  const skipped = (name: Check['name'], detail: string): Check => ({ name, status: 'skipped', detail });
  let token: Check;
  try {
    const { expiresAt } = await cluster.getToken({ signal });
    const source = cluster.tokenManager?.status().source ?? 'memory';
    token = { name: 'token', status: 'ok', detail: `from ${source}, good until ${expiresAt.toISOString()}` };
  } catch (error) {
    const why = 'without a token nothing can be asked';
    return [failed('token', error), skipped('api_server', why), skipped('clock', why)];
  }
  try {
    const seen = await whoAmI(cluster, signal);
    const answers: Check = { name: 'api_server', status: 'ok', detail: `accepts the token as ${seen.username}` };
    return [token, answers, compareClocks(seen, now())];
  } catch (error) {
    return [token, failed('api_server', error), skipped('clock', 'the API server did not say')];
  }
}

function compareClocks({ serverTime }: SeenIdentity, now: Date): Check {
  if (serverTime === undefined) return { name: 'clock', status: 'skipped', detail: 'the API server did not say' };
  const ahead = now.getTime() - serverTime.getTime();
  const seconds = Math.round(Math.abs(ahead) / 1000);
  if (Math.abs(ahead) < WORTH_A_WORD_MS) return { name: 'clock', status: 'ok', detail: 'agrees with the API server' };
  return {
    name: 'clock',
    status: 'warning',
    detail: `${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} the API server`,
    remedy: 'Synchronise the clock of this machine: tokens are dated by it.',
  };
}
