import { EKSAuthError } from '../../errors.ts';
import { parseMapping } from '../../system/mapping.ts';
import { ForeignText } from '../../text/foreign-text.ts';
import { own, sentence } from '../../text/sentence.ts';
import type { MintFacts } from '../context/mint-context.ts';
import { serviceRefusal } from '../credentials/service-failure.ts';
import { notOfAWS } from '../http/not-aws.ts';
import { Undecidable } from '../undecidable.ts';
import { askEKS } from './ask-eks.ts';

/** The most that EKS lists at once. */
const PAGE = 100;
/** More pages than any account has in one region. After so many, the answers of EKS repeat themselves. */
const MOST_PAGES = 1_000;

/**
 * The names of all clusters in the region of a stanza. The list is complete, or the call fails.
 * @throws EKSAuthError
 */
export async function listClusters(facts: MintFacts): Promise<readonly string[]> {
  const names: string[] = [];
  let next: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = `maxResults=${PAGE}${next === undefined ? '' : `&nextToken=${strictlyEncoded(next)}`}`;
    const { response, url, profile } = await ask(facts, `/clusters?${query}`);
    const { clusters, nextToken, message } = parseMapping(response.body) ?? {};
    if (response.status !== 200) {
      const code = response.headers['x-amzn-errortype']?.split(':')[0] ?? `status ${response.status}`;
      throw serviceRefusal({
        operation: 'ListClusters',
        code,
        said: typeof message === 'string' ? message : '',
        profile,
      });
    }
    if (!Array.isArray(clusters) || !clusters.every((name) => typeof name === 'string')) throw notOfAWS(url, response);
    names.push(...clusters);
    if (typeof nextToken !== 'string' || nextToken === '') return names;
    next = nextToken;
  }
  throw new EKSAuthError('NETWORK', 'The pages of ListClusters do not end.', { remedy: 'Check AWS_ENDPOINT_URL.' });
}

async function ask(facts: MintFacts, path: string) {
  try {
    return await askEKS(facts, path, { patient: true, noRegion: () => new Undecidable('no region') });
  } catch (cause) {
    if (!(cause instanceof Undecidable)) throw cause;
    const message = sentence`ListClusters cannot be called${own(':')} ${new ForeignText(cause.message)}.`;
    throw new EKSAuthError('EXEC_DENIED', message, { remedy: 'Name a profile or a role with keys in-process.', cause });
  }
}

/** Encodes a text as a signature requires it: all characters but letters, digits and `-._~`. */
function strictlyEncoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}
