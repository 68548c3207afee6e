import { describe, expect, it } from 'vitest';
import { comparisonText } from '../../../../src/cli/compare/show-comparison.ts';

const screenOf = (columns: number) => ({ live: true, colour: false, columns });
const facts = (role: string) => ({
  signer: `arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_${role}_0123456789abcdef`,
  role: `AWSReservedSSO_${role}_0123456789abcdef`,
  sessionName: 'someone@example.com',
  cluster: 'dev',
  host: 'sts.us-east-1.amazonaws.com',
  expiry: '2026-11-28T07:22:17Z',
});
const comparison = {
  original: facts('AdministratorAccess'),
  ours: facts('AdministratorAccezz'),
  differences: ['signer', 'role'] as const,
  seconds: 0.84,
};

describe('the comparison of two tokens on a terminal', () => {
  it('breaks a reason that is longer than the screen at a blank', () => {
    const notCompared = 'STS cannot be reached: getaddrinfo ENOTFOUND sts.us-east-1.amazonaws.com';
    const text = comparisonText([{ contexts: ['prod', 'staging'], notCompared }], { screen: screenOf(60) });
    expect(text).toBe(
      '- prod, staging: not compared: STS cannot be reached:\n  getaddrinfo ENOTFOUND sts.us-east-1.amazonaws.com\n',
    );
  });

  it('says a reason that several identities share once', () => {
    const one = { notCompared: 'There are no AWS credentials.' };
    const text = comparisonText(
      [
        { contexts: ['a'], ...one },
        { contexts: ['b', 'c'], ...one },
      ],
      { screen: screenOf(80) },
    );
    expect(text).toBe('- a, b, c: not compared: There are no AWS credentials.\n');
  });

  it.each([20, 40, 60, 100])('shows every fact whole in %i columns, below each other', (columns) => {
    const text = comparisonText([{ contexts: ['prod'], comparison }], { screen: screenOf(columns) });
    const said = text.replace(/\s/g, '');
    for (const one of [comparison.original, comparison.ours]) {
      for (const value of Object.values(one)) expect(said).toContain(value);
    }
    expect(text).not.toContain('…');
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
  });

  it('shows the facts beside each other where they fit', () => {
    const text = comparisonText([{ contexts: ['prod'], comparison }], { screen: screenOf(220) });
    expect(text).toContain(`signer        ${comparison.original.signer}  ${comparison.ours.signer}\n`);
  });
});
