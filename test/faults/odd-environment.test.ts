import { describeOddEnvironments } from '../integration/script/odd-environment.ts';
import { otherShells } from '../integration/script/shells.ts';

// Odd environments under the shells that `npm test` has no time for.
describeOddEnvironments(otherShells);
