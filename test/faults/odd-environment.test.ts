import { describe } from 'vitest';
import { describeOddEnvironments } from '../integration/script/odd-environment.ts';
import { otherShells } from '../integration/script/shells.ts';

// Odd environments under the shells that `npm test` has no time for.
describe.skipIf(otherShells.length === 0)('under the shells that `npm test` has no time for', () => {
  describeOddEnvironments(otherShells);
});
