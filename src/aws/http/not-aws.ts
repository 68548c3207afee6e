import { EKSAuthError } from '../../errors.ts';
import { isJSON } from '../../system/mapping.ts';
import { readURL } from './read-url.ts';
import type { HTTPResponse } from './transport.ts';

const JSON_OBJECT = /^\s*\{/;

/** Whether the answer comes from a JSON service of AWS. A refusal counts, too. */
export function isJSONOfAWS({ status, headers, body }: HTTPResponse): boolean {
  if (status >= 300 && status < 400) return false;
  return headers['x-amzn-errortype'] !== undefined || (JSON_OBJECT.test(body) && isJSON(body));
}

/** Whether STS has answered: XML whose root is named after the call, or after errors. */
export function isXMLOfAWS({ status, body }: HTTPResponse): boolean {
  if (status >= 300 && status < 400) return false;
  return /^\s*(?:<\?xml[^>]*>\s*)?<(\w+Response)[\s>](?:.*)<\/\1>\s*$/s.test(body);
}

/** The error for an answer that no service of AWS gives: the login page of a network, or an error page of a proxy. */
export function notOfAWS(url: string, { status, headers }: Omit<HTTPResponse, 'body'>): EKSAuthError {
  const place = url.replace(/[?#].*$/s, '');
  const kind = /^[\w.+-]+\/[\w.+-]+/.exec(headers['content-type'] ?? '')?.[0];
  const target = readURL(headers.location ?? '');
  const leads = target === undefined ? '' : `, leads to ${target.host}`;
  const answer = `status ${status}${kind === undefined ? '' : `, ${kind}`}${leads}`;
  if (status >= 500 || status === 429) {
    return new EKSAuthError('NETWORK', `${place} is busy or in trouble (${answer}).`, {
      remedy: 'Try again in a moment. If it goes on: a proxy may be answering instead of AWS; check HTTPS_PROXY.',
    });
  }
  return new EKSAuthError('NETWORK', `What answers at ${place} is not AWS (${answer}).`, {
    remedy:
      'The login page of this network (a captive portal) or a proxy answers instead: log in to the network, or check HTTPS_PROXY, NO_PROXY and AWS_ENDPOINT_URL.',
  });
}
