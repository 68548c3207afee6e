import { expect, it } from 'vitest';
import type { HitCase } from '../hit-cases/hit-case.ts';
import { hitCases } from '../hit-cases/hit-cases.ts';
import { PATH } from '../support/paths.ts';
import { forget, prepare } from '../support/prepare-hit-case.ts';
import { everyShell, install, run } from '../support/script-shells.ts';
import { decided, decisionOf } from '../support/script-verdicts.ts';
import { canHide, WITHOUT_PROC } from '../support/without-proc.ts';

/** What may be `sh` on macOS. */
const shells = everyShell().filter(({ name }) => ['bash', 'bash 3.2', 'dash', 'zsh'].includes(name));

/** These cases are about an uptime, which no machine without /proc has. */
const NEED_UPTIME: readonly string[] = [
  'credentials of this host, on a machine without boot ids',
  'an entry that knows when its uptime ends, but not when it began',
  'no stamp of the mint',
];

/** The case with an entry of a machine that has no boot id and no uptime. */
function onMac(hitCase: HitCase): HitCase {
  const machine = { bootId: undefined, uptimeSeconds: undefined, ...hitCase.stored?.machine };
  return { ...hitCase, stored: { ...hitCase.stored, machine } };
}

const cases = hitCases
  .filter(({ title, asRoot }) => !NEED_UPTIME.includes(title) && (!asRoot || process.geteuid?.() === 0))
  .map(onMac);

it.skipIf(!canHide).concurrent.each(cases)(
  'The script decides the same where there is no /proc: $title',
  async (hitCase) => {
    const prepared = await prepare(hitCase);
    const { world, words, env, remove } = prepared;
    try {
      const { script } = install(world.root);
      const verdicts: Record<string, unknown> = {};
      const expected: Record<string, unknown> = {};
      for (const { name, command } of shells) {
        forget(prepared);
        const asked = [...WITHOUT_PROC, ...command, script, ...words];
        const outcome = await run(asked, { PATH, LC_ALL: 'C.UTF-8', EKS_TOKEN_DEBUG: '1', ...env });
        verdicts[name] = decided(outcome);
        expected[name] = decisionOf(hitCase);
      }
      expect(verdicts).toEqual(expected);
    } finally {
      remove();
    }
  },
);
