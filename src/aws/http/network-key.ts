import { createHash } from 'node:crypto';
import type { Recorder } from '../../recording/recorder.ts';

/** Of bytes that several mints share. */
const DIGESTS = new WeakMap<Buffer, string>();

/**
 * The part of a memory key that decides which servers answer: proxies and trusted certificates. The mint counts as one
 * that used the network, even where it uses the answer to an earlier request.
 */
export async function networkKey(recorder: Recorder, caBundle: string | undefined): Promise<unknown> {
  recorder.contacts();
  const file = caBundle || recorder.variable('NODE_EXTRA_CA_CERTS') || '';
  const read = await recorder.readFile(file);
  const certificates = read.state === 'file' ? digestOf(read.bytes) : read.state;
  return [recorder.proxyVariables(), recorder.variable('REQUEST_METHOD') ?? null, file, certificates];
}

function digestOf(bytes: Buffer): string {
  const digest = DIGESTS.get(bytes) ?? createHash('sha256').update(bytes).digest('hex');
  DIGESTS.set(bytes, digest);
  return digest;
}
