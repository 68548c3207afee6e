import { describe, expect, it } from 'vitest';
import { printer } from '../../../../src/cli/demo/printer.ts';

describe('the lines of the demo', () => {
  it.each([40, 60, 80])('keep to a terminal of %i columns, and a time stays beside the word before it', (columns) => {
    let shown = '';
    const out = (text: string) => {
      shown += text;
      return true;
    };
    const screen = { live: true, colour: false, columns };
    const say = printer({ out, screen } as unknown as Parameters<typeof printer>[0]);
    say.title('ekspress: from a kubeconfig to pods, and to kubectl on the same token');
    say.done('minted a token in-process, which is good until the afternoon of that day', 1234);
    say.skipped('kubectl on the same token, because there is no kubectl on the PATH of this machine.');
    say.detail('Works in a temporary home folder, and removes it when it has come to its end.');
    say.table(
      'NAMESPACE     NAME                       READY   STATUS    RESTARTS      AGE\n' +
        'kube-system   coredns-7bf648ff5d-6sl4t   1/1     Running   3 (2d ago)    12d\n',
    );
    for (const line of shown.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
    expect(shown).toMatch(/^✓ minted[^✓]* {2}1\.2 s$|^✓ minted[^✓]* {2}1,?234 ms$/m);
    expect(shown).toMatch(/ {4}NAMESPACE {4}NAME.*\n {4}kube-system {2}coredns-.*\n$/);
    expect(shown.endsWith('Running  3 (2d ago)  12d\n')).toBe(columns === 80);
  });
});
