import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ManagerHome, makeHome } from '../support/cli-home.ts';
import { OUTER_PATH, optionalProgram } from '../support/optional-programs.ts';

const kubectl = optionalProgram('kubectl');
let home: ManagerHome;
beforeEach(() => {
  home = makeHome({ NO_COLOR: '1' });
});
afterEach(() => home.remove());

describe.skipIf(kubectl === undefined)('the demo on a machine with kubectl and its own aws', () => {
  it('shows that kubectl gets its pods from the shared cache', async () => {
    const { code, stdout, stderr } = await home.runWith({ PATH: OUTER_PATH }, 'demo');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/✓ kubectl got its pods with that very token; neither node nor aws was started/);
    expect(stdout).toMatch(/\(\d+ requests, one token: sha256 [0-9a-f]{12}\)/);
  });
});
