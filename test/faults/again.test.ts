import { describe } from 'vitest';
import { describeAgain } from '../integration/script/again.ts';
import { otherShells } from '../integration/script/shells.ts';

// What the script remembers, under the shells that `npm test` has no time for.
describe.skipIf(otherShells.length === 0)('under the shells that `npm test` has no time for', () => {
  describeAgain(otherShells);
});
