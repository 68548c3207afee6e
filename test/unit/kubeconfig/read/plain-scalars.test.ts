import * as clientNode from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { loadKubeconfigString } from '../../../../src/cluster/follow/load-kubeconfig.ts';
import { NONE_UNUSABLE } from '../../../../src/kubeconfig/read/kubeconfig-file.ts';
import { parseKubeconfig } from '../../../../src/kubeconfig/read/parse-kubeconfig.ts';
import { selectContext } from '../../../../src/kubeconfig/read/select-context.ts';
import { kubeconfigText } from '../../../support/kubeconfig-text.ts';
import { NOTHING, REFUSED, TEXTS } from '../../../support/plain-scalars.ts';

const place = 'the kubeconfig string';
const withArgument = (scalar: string, head = 'kind: Config'): string =>
  kubeconfigText({ user: `exec:\n        command: aws\n        args:\n          - ${scalar}` }).replace(
    'kind: Config',
    head,
  );

/** What both readers find as the argument, and the exact one alone. */
function readings(scalar: string): readonly unknown[] {
  // The quick reader takes only a text with `kind: Config` on a line of its own.
  return [
    loadKubeconfigString(clientNode, withArgument(scalar)),
    [parseKubeconfig(withArgument(scalar), { place })],
  ].map((kubeconfig) => {
    try {
      return selectContext(kubeconfig).user.exec?.args[0];
    } catch (error) {
      return (error as Error).message.replace(/.*(exec.args.*)/, '$1');
    }
  });
}

const NOT_TEXT = expect.stringMatching(/^exec.args\[0\] is a (?:number|truth value), where kubectl takes text only\.$/);

describe('both readers', () => {
  it.each(TEXTS)('take %s without quotes as it is written', (scalar) => {
    expect(readings(scalar)).toEqual([scalar, scalar]);
  });

  it.each(NOTHING)('take "%s" for an empty text', (scalar) => {
    expect(readings(scalar)).toEqual(['', '']);
  });

  it.each(REFUSED)('refuse %s without quotes, as kubectl does', (scalar) => {
    expect(readings(scalar)).toEqual([NOT_TEXT, NOT_TEXT]);
  });

  it.each([...REFUSED, ...TEXTS])('take %s in quotes as it is written', (scalar) => {
    expect(readings(JSON.stringify(scalar))).toEqual([scalar, scalar]);
    expect(readings(`'${scalar}'`)).toEqual([scalar, scalar]);
  });

  it('decode a text that is tagged as binary', () => {
    expect(readings('!!binary YXdz')).toEqual(['aws', 'aws']);
    expect(readings('!!str 0b11')).toEqual(['0b11', '0b11']);
  });

  it.each([
    ['name: admin', 'name: 1_000', 'has a number as name'],
    ['server: https', 'server: yes #', 'has a truth value as server, where kubectl takes text only: put it in quotes'],
    ['current-context: prod', 'current-context: on', 'has a truth value as current-context'],
    ['kind: Config', 'kind: Config\npreferences: 1', undefined],
  ])('name the field whose value is not a text: %s -> %s', (from, to, expected) => {
    const text = kubeconfigText({ context: 'prod', user: 'token: t' }).replace(from, to);
    const tell = (kubeconfig: () => Parameters<typeof selectContext>[0]): string | undefined => {
      try {
        const { context, cluster, user } = kubeconfig()[0]?.unusable ?? NONE_UNUSABLE;
        return [...context.values(), ...cluster.values(), ...user.values()][0];
      } catch (error) {
        return (error as Error).message;
      }
    };
    const told = [() => loadKubeconfigString(clientNode, text), () => [parseKubeconfig(text, { place })]].map(tell);
    if (expected === undefined) expect(told).toEqual([undefined, undefined]);
    else for (const one of told) expect(one).toContain(expected);
  });
});
