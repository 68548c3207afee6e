import { describeOddEnvironments } from './odd-environment.ts';
import { commonShells } from './shells.ts';

// This machine's `sh`; the other shells have their turn in the suite of faults.
describeOddEnvironments(commonShells);
