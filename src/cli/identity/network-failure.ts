import { EKSAuthError } from '../../errors.ts';

/** The failure of a request. An EKSAuthError has its own words; other errors come from the network. */
export function networkFailure(error: unknown, what: string): EKSAuthError {
  if (error instanceof EKSAuthError) return error;
  const { message, code, cause } = error as NodeJS.ErrnoException;
  // The codes of a DOMException are numbers.
  const said = typeof code === 'string' ? code : message;
  const why = code === 'ABORT_ERR' && cause instanceof Error ? cause.message : said;
  return new EKSAuthError('NETWORK', `${what}: ${why}`, {
    remedy: 'Check the network, a VPN, HTTPS_PROXY and NO_PROXY.',
    cause: error,
  });
}
