import { describeHitCases } from './hit-cases.ts';
import { commonShells } from './shells.ts';

// This machine's `sh`; the other shells have their turn in the suite of faults.
describeHitCases(commonShells);
