import { expect, it } from 'vitest';
import { makeHome, manyUsers } from '../support/cli-home.ts';

it('Apply and revert change a kubeconfig of a thousand clusters, and give it back byte for byte', async () => {
  const home = makeHome();
  try {
    const text = manyUsers(1000);
    home.write(text);
    expect((await home.run('apply', '--all', '--yes')).code).toBe(0);
    expect(home.read().split(home.script)).toHaveLength(1001);
    expect((await home.run('revert', '--all', '--yes')).code).toBe(0);
    expect(home.read()).toBe(text);
  } finally {
    home.remove();
  }
});
