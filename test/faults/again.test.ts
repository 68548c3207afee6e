import { describeAgain } from '../integration/script/again.ts';
import { shells } from '../integration/script/shells.ts';

// What the script remembers, under the shells that `npm test` has no time for.
describeAgain(shells.slice(2));
