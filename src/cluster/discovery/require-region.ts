import { notARegion } from '../../aws/endpoint/region-name.ts';
import { EKSAuthError } from '../../errors.ts';

/** @throws EKSAuthError INVALID_CONFIG for a text that has not the form of a region's name */
export function requireRegion(region: string): void {
  const wrong = notARegion(region);
  if (wrong === undefined) return;
  throw new EKSAuthError('INVALID_CONFIG', wrong, { remedy: 'Name one, for example us-east-1 or eu-west-1.' });
}
