import { describe } from 'vitest';
import { describeHitCases } from '../integration/script/hit-cases.ts';
import { otherShells } from '../integration/script/shells.ts';

describe.skipIf(otherShells.length === 0)('under the shells that `npm test` has no time for', () => {
  describeHitCases(otherShells);
});
