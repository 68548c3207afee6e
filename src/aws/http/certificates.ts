import { type ConnectionOptions, rootCertificates } from 'node:tls';
import { extraCertificatesOfProcess } from '../../host.ts';
import type { Recorder } from '../../recording/recorder.ts';
import { TransportError } from './transport.ts';

/**
 * The certificates to trust in place of those that Node trusts by itself: the bundle, or the certificates that Node would have
 * added.
 * @returns undefined: those of Node
 * @throws TransportError for a bundle that cannot be read
 */
export async function readCertificates(
  caBundle: string | undefined,
  recorder: Recorder,
): Promise<string | string[] | undefined> {
  if (caBundle) {
    const read = await recorder.readFile(caBundle);
    if (read.state === 'file') return read.bytes.toString('utf8');
    throw new TransportError('tls', `the certificates in ${caBundle} cannot be read`, new Error(read.code));
  }
  const extra = recorder.variable('NODE_EXTRA_CA_CERTS');
  if (!extra) return undefined;
  const read = await recorder.readFile(extra);
  // Node reads the file of its own variable at its start, and ignores a file that it cannot read.
  if (extra === extraCertificatesOfProcess || read.state !== 'file') return undefined;
  return [...rootCertificates, read.bytes.toString('utf8')];
}

/** How a server of AWS, or a proxy on the way to it, shows that it is the right one. @param ca undefined: to the certificates of Node */
export function verifiedBy(ca: string | readonly string[] | undefined): ConnectionOptions {
  // Always set, so that NODE_TLS_REJECT_UNAUTHORIZED=0 does not count: the AWS CLI does not know it either.
  return { rejectUnauthorized: true, ...(ca !== undefined && { ca: [ca].flat() }) };
}
