import * as z from 'zod';
import { clockAheadOf } from '../../cluster/requests/rejection-errors.ts';
import { EKSAuthError } from '../../errors.ts';
import { linkSignals } from '../../system/link-signals.ts';
import { whoAmI } from '../api/api-server.ts';
import { clusterIdInput } from '../schemas.ts';
import { shownIdentity } from '../shown-identity.ts';
import { defineTool, type Tool, type ToolContext } from '../tool.ts';
import { describeFailure } from '../tool-failure.ts';

/** The clock skew that is reported. EKS itself tolerates a few minutes. */
const REPORTED_SKEW_MS = 60_000;

/** How much of the time of a call one check may take. */
const PART_OF_TIME = 0.45;

const check = z.object({
  name: z.enum(['token', 'api_server', 'clock']),
  status: z.enum(['ok', 'warning', 'failed', 'skipped']),
  detail: z.string(),
  remedy: z.string().optional(),
});
type DiagnoseCheck = z.infer<typeof check>;

export const diagnose: Tool = defineTool({
  name: 'diagnose',
  title: 'Diagnose an EKS cluster',
  description:
    'Find out why a registered EKS cluster cannot be used. Checks whether a token can be made, whether the API server answers and accepts it, and whether the clocks agree. Each problem comes with a remedy. Changes nothing.',
  input: z.object({ cluster_id: clusterIdInput }),
  output: z.object({ cluster_id: z.string(), healthy: z.boolean(), checks: z.array(check) }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: true },
  async run({ cluster_id }, context) {
    const checks = await examine(cluster_id, context);
    return { cluster_id, healthy: checks.every(({ status }) => status !== 'failed'), checks };
  },
});

async function examine(id: string, context: ToolContext): Promise<DiagnoseCheck[]> {
  const { clusters, words, signal, timeoutMs } = context;
  const cluster = clusters.get(id);
  const { logger, now } = clusters.host;
  const failed = (name: DiagnoseCheck['name'], error: unknown): DiagnoseCheck => {
    const { code, message, remedy } = describeFailure(error, logger, words);
    // This is diagnose itself.
    const next = remedy.replace('Call diagnose, or ask', 'Ask').replace(', or call diagnose', '');
    return { name, status: 'failed', detail: `${code}: ${message}`, remedy: next };
  };
  const skipped = (name: DiagnoseCheck['name'], detail: string): DiagnoseCheck => ({ name, status: 'skipped', detail });
  let token: DiagnoseCheck;
  // Each check has its own part of the time, so that the call still answers when one of them takes too long.
  const part = timeoutMs * PART_OF_TIME;
  const minting = linkSignals([signal], part);
  try {
    const { expiresAt } = await cluster.getToken({ signal: minting.signal });
    const source = cluster.tokenManager?.status().source ?? 'memory';
    token = { name: 'token', status: 'ok', detail: `from ${source}, valid until ${expiresAt.toISOString()}` };
  } catch (error) {
    const why = 'needs a token';
    return [failed('token', error), skipped('api_server', why), skipped('clock', why)];
  } finally {
    minting.unlink();
  }
  const asking = linkSignals([signal], part);
  try {
    const seen = await whoAmI(cluster, asking.signal);
    const { username, note } = await shownIdentity(seen, cluster, { ...context, signal: asking.signal });
    const answers: DiagnoseCheck = {
      name: 'api_server',
      status: 'ok',
      detail: `accepts the token${username === undefined ? '' : ` as ${username}`}${note === undefined ? '' : `. ${note}`}`,
    };
    const ahead = seen.serverTime && now().getTime() - seen.serverTime.getTime();
    return [token, answers, compareClocks(ahead)];
  } catch (error) {
    const answer = asking.signal.aborted ? silent() : failed('api_server', error);
    const refused = error instanceof EKSAuthError && error.code === 'TOKEN_REJECTED' ? error.cause : undefined;
    if (refused instanceof EKSAuthError) return [token, answer, compareClocks(clockAheadOf(refused))];
    return [token, answer, skipped('clock', 'needs an answer of the API server')];
  } finally {
    asking.unlink();
  }
}

function silent(): DiagnoseCheck {
  return {
    name: 'api_server',
    status: 'failed',
    detail: 'TIMEOUT: The API server did not answer in time.',
    remedy:
      'Ask the user to check that this machine can reach the API server: VPN, proxy, private endpoint. Then call diagnose again.',
  };
}

function compareClocks(ahead: number | undefined): DiagnoseCheck {
  if (ahead === undefined)
    return { name: 'clock', status: 'skipped', detail: 'the API server did not report its time' };
  const seconds = Math.round(Math.abs(ahead) / 1000);
  if (Math.abs(ahead) < REPORTED_SKEW_MS) return { name: 'clock', status: 'ok', detail: 'agrees with the API server' };
  return {
    name: 'clock',
    status: 'warning',
    detail: `${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} the API server`,
    remedy: 'Ask the operator to synchronise the clock of this machine. Tokens contain its time.',
  };
}
