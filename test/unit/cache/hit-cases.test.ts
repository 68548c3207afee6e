import { expect, it } from 'vitest';
import { askTypeScript, prepare, TOKEN } from '../../hit-cases/hit-world.ts';
import { hitCases } from '../../hit-cases.ts';
import { noteSkipped } from '../../support/optional-programs.ts';

it('the table asks for hits as well as for misses', () => {
  const hits = hitCases.filter(({ verdict }) => verdict === 'hit').length;
  expect(hits / hitCases.length).toBeGreaterThanOrEqual(0.4);
});

it('every case has a title of its own', () => {
  expect(new Set(hitCases.map(({ title }) => title)).size).toBe(hitCases.length);
});

const feasible = hitCases.filter(({ asRoot }) => !asRoot || process.geteuid?.() === 0);
if (feasible.length < hitCases.length) noteSkipped('cases of another user need root');

it.each(feasible.map((hitCase) => ({ ...hitCase, title: `${hitCase.title}: ${hitCase.verdict}` })))(
  '$title',
  async (hitCase) => {
    const prepared = await prepare(hitCase);
    try {
      const read = await askTypeScript(prepared);
      if (hitCase.verdict === 'miss') {
        expect(read).toMatchObject({ hit: false, ...(hitCase.reason !== undefined && { reason: hitCase.reason }) });
      } else {
        expect(read).toMatchObject({ hit: true });
        expect(read.hit && read.entry.token).toBe(TOKEN);
      }
    } finally {
      prepared.remove();
    }
  },
);
