import { describeOddEnvironments } from './odd-environment.ts';
import { commonShells } from './shells.ts';

// The shells that stand behind /bin/sh most often; the others have their turn in the suite of faults.
describeOddEnvironments(commonShells);
