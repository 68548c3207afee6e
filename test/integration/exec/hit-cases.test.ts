import { expect, it } from 'vitest';
import type { HitCase } from '../../hit-cases/hit-case.ts';
import { hitCases } from '../../hit-cases/hit-cases.ts';
import { noteSkipped } from '../../support/optional-programs.ts';
import { PATH } from '../../support/paths.ts';
import { askTypeScript, forget, type Prepared, prepare, TOKEN } from '../../support/prepare-hit-case.ts';
import { install, run, shells, thorough } from '../../support/script-shells.ts';
import { decided, decisionOf } from '../../support/script-verdicts.ts';

const feasible = hitCases.filter(({ asRoot }) => !asRoot || process.geteuid?.() === 0);
if (feasible.length < hitCases.length) noteSkipped('cases of another user need root');

// The whole table is long: `npm test` runs every third case, `npm run test:faults` all of them.
const chosen = thorough ? feasible : feasible.filter((_, index) => index % 3 === 0);

// One world for each case, and every reader in it: the script under each shell, and TypeScript.
it.concurrent.each(chosen.map((hitCase) => ({ ...hitCase, title: `${hitCase.title}: ${scriptVerdict(hitCase)}` })))(
  'The script decides: $title',
  async (hitCase) => {
    const prepared = await prepare(hitCase);
    const { world, words, env, remove } = prepared;
    try {
      const { script } = install(world.root);
      const verdicts: Record<string, unknown> = {};
      const expected: Record<string, unknown> = {};
      for (const { name, command } of shells) {
        forget(prepared);
        const outcome = await run([...command, script, ...words], {
          PATH,
          LC_ALL: 'C.UTF-8',
          EKS_TOKEN_DEBUG: '1',
          ...env,
        });
        verdicts[name] = decided(outcome);
        expected[name] = decisionOf(hitCase);
      }
      expect(verdicts).toEqual(expected);
      // Last: Node refines an entry that was for Node only.
      await expectOfTypeScript(prepared, hitCase);
    } finally {
      remove();
    }
  },
);

async function expectOfTypeScript(prepared: Prepared, { verdict, reason }: HitCase): Promise<void> {
  const read = await askTypeScript(prepared);
  if (verdict === 'miss') {
    expect(read).toMatchObject({ hit: false, ...(reason !== undefined && { reason }) });
  } else {
    expect(read).toMatchObject({ hit: true });
    expect(read.hit && read.entry.token).toBe(TOKEN);
  }
}

function scriptVerdict({ verdict }: HitCase): 'hit' | 'miss' {
  return verdict === 'hit' ? 'hit' : 'miss';
}
