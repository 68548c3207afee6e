import type { EKSAuthErrorCode } from '../errors.ts';
import { own, type Sentence, sentence } from '../text/sentence.ts';
import { shellCommand } from '../text/shell-command.ts';

/** Codes of STS, of JSON services, and of services that answer in XML, for a key that AWS does not know. */
const UNKNOWN_KEY =
  /^(?:InvalidClientTokenId|UnrecognizedClientException|InvalidAccessKeyId|AuthFailure|MissingAuthenticationToken(?:Exception)?)$/;
const WRONG_SIGNATURE = /^(?:SignatureDoesNotMatch|InvalidSignatureException|IncompleteSignature(?:Exception)?)$/;
const DISABLED_REGION = /^(?:RegionDisabledException|OptInRequired|SubscriptionRequiredException)$/;
const WRONG_CLOCK = /^(?:RequestTimeTooSkewed|RequestExpired|RequestInTheFuture)$/;
/** How AWS says it in the sentence of {@link WRONG_SIGNATURE}. It quotes no request there. */
const CLOCK_IN_SIGNATURE = /^Signature (?:expired|not yet current)/;

/** Whether the sentence of AWS may quote the request: a signed request holds the session token. */
export function quotesRequest(code: string, said: string): boolean {
  return WRONG_SIGNATURE.test(code) && !CLOCK_IN_SIGNATURE.test(said);
}

/**
 * What to look at where AWS does not accept the keys themselves, whatever they may do.
 * @param profile ` --profile NAME`, or nothing
 * @returns undefined for any other refusal
 */
export function refusedKeys(code: string, said: string, profile: Sentence): [EKSAuthErrorCode, Sentence] | undefined {
  const regions = sentence`\`aws account list-regions --region us-east-1${profile}\``;
  if (WRONG_CLOCK.test(code) || CLOCK_IN_SIGNATURE.test(said)) {
    return ['ACCESS_DENIED', sentence`Set this machine's clock: \`${own(shellCommand('showClock'))}\` shows its time.`];
  }
  if (DISABLED_REGION.test(code)) {
    return ['ACCESS_DENIED', sentence`Enable the region (${regions} shows which are enabled), or name another one.`];
  }
  if (UNKNOWN_KEY.test(code)) {
    const remedy = sentence`Compare the access key (\`aws configure list${profile}\` shows where it comes from): it is deleted or inactive, belongs to another partition (China, GovCloud), or lacks its session token; or the region is not enabled for the account (${regions}).`;
    return ['ACCESS_DENIED', remedy];
  }
  if (WRONG_SIGNATURE.test(code)) {
    const remedy = sentence`Write the secret key again (\`aws configure list${profile}\` shows where it comes from): it is not the one of this access key. Else set this machine's clock (\`${own(shellCommand('showClock'))}\` shows its time).`;
    return ['ACCESS_DENIED', remedy];
  }
  return undefined;
}
