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
/** The longest name that EKS allows. */
const LONGEST_NAME = 100;
/** More pages than any account has in one region. After so many, the answers of EKS repeat themselves. */
const MOST_PAGES = 1_000;

/**
 * The names of all clusters in the region of a stanza. The list is complete, or the call fails. Another server than EKS may
 * list more at once than it is asked for, but not more in all than EKS could.
 * @throws EKSAuthError
 */
export async function listClusters(facts: MintFacts): Promise<readonly string[]> {
  const names: string[] = [];
  let letters = 0;
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
    for (const name of clusters) names.push(name);
    letters += clusters.reduce((sum, name) => sum + name.length, 0);
    if (names.length > MOST_PAGES * PAGE || letters > MOST_PAGES * PAGE * LONGEST_NAME) break;
    if (typeof nextToken !== 'string' || nextToken === '') return names;
    next = nextToken;
  }
  const message = `The answers of ListClusters have more than ${MOST_PAGES} pages, or more names than so many pages of EKS can hold.`;
  throw new EKSAuthError('NETWORK', message, { remedy: 'Check AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_EKS.' });
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
