import { expect, it } from 'vitest';
import { comparisonTable } from '../../../../src/cli/compare/show-comparison.ts';

it('A reason that is longer than the screen is broken at a blank', () => {
  const notCompared = 'STS cannot be reached: getaddrinfo ENOTFOUND sts.us-east-1.amazonaws.com';
  const screen = { live: true, colour: false, columns: 60 };
  const text = comparisonTable({ contexts: ['prod', 'staging'], notCompared }, { screen });
  expect(text).toBe(
    '- prod, staging: not compared: STS cannot be reached:\n  getaddrinfo ENOTFOUND sts.us-east-1.amazonaws.com\n',
  );
});
