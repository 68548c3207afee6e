import { createHash } from 'node:crypto';
import type { Recorder } from '../../recording/recorder.ts';

/**
 * The part of a memory key that decides which servers answer: proxies and trusted certificates. The mint counts as one
 * that used the network, even where it uses the answer to an earlier request.
 */
export async function networkKey(recorder: Recorder, caBundle: string | undefined): Promise<unknown> {
  recorder.contacts();
  const file = caBundle || recorder.variable('NODE_EXTRA_CA_CERTS') || '';
  const read = await recorder.readFile(file);
  const certificates = read.state === 'file' ? createHash('sha256').update(read.bytes).digest('hex') : read.state;
  return [recorder.proxyVariables(), recorder.variable('REQUEST_METHOD') ?? null, file, certificates];
}
