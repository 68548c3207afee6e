import { type MintFacts, mintContext } from '../../src/aws/context/mint-context.ts';
import { type InProcessMint, mintInProcess as mint, type Undecided } from '../../src/aws/mint/in-process-mint.ts';

/** A mint with these facts, everything else by default. */
export function mintInProcess(facts: MintFacts): Promise<InProcessMint | Undecided> {
  return mint(mintContext(facts));
}
