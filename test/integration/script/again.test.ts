import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PATH } from '../../support/paths.ts';
import { describeAgain, world } from './again.ts';
import { commonShells, executable, run, shells } from './shells.ts';

// This machine's `sh`; the other shells have their turn in the suite of faults.
describeAgain(commonShells);

it('who has waited in vain for ten seconds goes on alone, and Node does not wait again', async () => {
  const here = await world({}, 'echo "waited: $EKSPRESS_WAITED"');
  rmSync(here.world.entry);
  writeFileSync(`${here.world.entry}.busy`, `${process.pid}\n`);
  // Time passes quickly here.
  executable(join(here.world.root, 'sleep'), '#!/bin/sh\n');
  const env = { PATH: `${here.world.root}:${PATH}`, ROOT: here.world.root, ...here.env };
  const { stdout } = await run([...(shells[0]?.command ?? []), here.script, ...here.words], env);
  expect(stdout).toBe('waited: 1\n');
});
