import { didYouMean } from '../../text/nearest-names.ts';
import { type Sentence, sentence } from '../../text/sentence.ts';
import { LEGACY_GLOBAL_REGIONS } from './sts-endpoint.ts';

/** The form of the names of all regions, also of future ones: `us-east-1`, `us-gov-west-1`, `fips-us-west-2`. */
const FORM = /^(?:fips-)?[a-z]{2,}(?:-[a-z]+)+-\d+(?:-fips)?$/;

/** Why a name cannot be that of a region, with the oldest regions that are near. Undefined for every name of the form, known or not. */
export function notARegion(name: string): Sentence | undefined {
  if (FORM.test(name)) return undefined;
  const known = [...LEGACY_GLOBAL_REGIONS].filter((one) => one !== 'aws-global');
  return sentence`${name} is not the name of an AWS region.${didYouMean(name, known)}`;
}
