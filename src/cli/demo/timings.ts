import type { EKSAuthConfig } from '../../aws/stanza/eks-auth-config.ts';
import { TokenManager } from '../../aws/token/token-manager.ts';
import { findProgram } from '../../system/find-program.ts';
import { type DemoHome, PLUGIN } from './demo-home.ts';
import { outputOf, runOnce } from './demo-programs.ts';
import type { Printer } from './printer.ts';
import { duration, medianMs } from './stopwatch.ts';

const WARM_READS = 100_000;

/** One row: what was measured, and how long it took. */
interface Row {
  readonly what: string;
  readonly ms: number;
}

/** The medians of this run, the slowest first, each compared with the AWS CLI. */
export async function compareTimes(
  home: DemoHome,
  config: EKSAuthConfig,
  kubectl: string | undefined,
  say: Printer,
): Promise<void> {
  const words = ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev'];
  const rows: Row[] = [];
  const aws = findProgram('aws', home.env);
  if (aws !== undefined) {
    rows.push({ what: 'aws eks get-token', ms: await medianMs(3, () => runOnce(aws, words, home.env)) });
  }
  if (kubectl !== undefined) {
    for (const [name, kubeconfig, needed] of [
      ['kubectl get ns, with aws', home.kubeconfig, aws],
      ['kubectl get ns, with ekspress-exec', home.wrapped, kubectl],
    ] as const) {
      if (needed === undefined) continue;
      const env = { ...home.env, KUBECONFIG: kubeconfig };
      rows.push({ what: name, ms: await medianMs(3, () => outputOf(kubectl, ['get', 'ns'], env)) });
    }
  }
  rows.push({
    what: 'ekspress-exec, a hit',
    ms: await medianMs(20, () => runOnce(PLUGIN, ['aws', ...words], home.env)),
  });
  const manager = new TokenManager(config, { env: home.env, cache: false });
  rows.push({ what: 'a new token in-process', ms: await medianMs(50, () => manager.refreshToken()) });
  const many = await medianMs(3, async () => {
    for (let read = 0; read < WARM_READS; read += 1) await manager.getValidToken();
  });
  rows.push({ what: 'getValidToken(), warm', ms: many / WARM_READS });
  const against = aws === undefined ? '' : ', and how many times faster than aws';
  say.title(`What it costs on this machine (medians${against})`);
  if (aws === undefined) say.skipped('no aws on PATH, so there is nothing to compare with');
  const slowest = rows.find(({ what }) => what === 'aws eks get-token');
  const widest = Math.max(...rows.map(({ what }) => what.length));
  for (const { what, ms } of rows) {
    const faster =
      slowest === undefined || what.startsWith('kubectl') || what === slowest.what ? '' : `  ${times(slowest.ms / ms)}`;
    say.detail(`${what.padEnd(widest)}  ${say.bold(duration(ms).padStart(7))}${faster}`);
  }
}

function times(ratio: number): string {
  const rounded = ratio >= 100 ? Math.round(ratio / 10) * 10 : Math.round(ratio);
  return `${rounded.toLocaleString('en')} x`;
}
