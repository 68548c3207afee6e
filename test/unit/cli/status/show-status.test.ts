import { describe, expect, it } from 'vitest';
import { parseExecConfig } from '../../../../src/aws/stanza/parse-exec-config.ts';
import type { DescribedContext } from '../../../../src/cli/contexts/describe-context.ts';
import type { StatusLine, TokenView } from '../../../../src/cli/status/read-status.ts';
import { statusTable, statusValue } from '../../../../src/cli/status/show-status.ts';
import { EKSAuthError } from '../../../../src/errors.ts';

const GET_TOKEN = ['aws', 'eks', 'get-token', '--region', 'us-east-1', '--cluster-name', 'dev'];

function line(name: string, [command = '', ...args]: readonly string[], more: Partial<StatusLine> = {}): StatusLine {
  const exec = { command, args };
  const config = parseExecConfig(exec);
  const context: DescribedContext = {
    ...{ name, current: false, state: 'not-applied', portable: false, config, region: 'us-east-1', eksCluster: 'dev' },
    ...(config.profile !== undefined && { profile: config.profile }),
  };
  const token: TokenView = { state: 'none' };
  const unknown = { login: undefined, loginFile: undefined, overridden: undefined, costSeconds: undefined };
  return { context, token, problem: undefined, fromCache: false, ...unknown, ...more };
}

const role = (name: string) => [...GET_TOKEN, '--role-arn', `arn:aws:iam::123456789012:role/${name}`];
const shown = (lines: readonly StatusLine[], columns: number) =>
  statusTable(
    { files: [], script: { path: '', state: 'current' }, lines },
    { screen: { live: true, colour: false, columns }, options: { contexts: [], output: 'table', debug: false } },
  );

describe('the table of status', () => {
  it('tells contexts of one cluster by their role, their profile and the profile of aws-vault', () => {
    const lines = [
      line('a', role('Admin')),
      line('b', role('Reader')),
      line('c', [...GET_TOKEN, '--profile', 'acme']),
      line('d', ['aws-vault', 'exec', 'work', '--', ...GET_TOKEN]),
    ];
    const text = shown(lines, 200);
    expect(text).toMatch(/^ +a +.* Admin$/m);
    expect(text).toMatch(/^ +b +.* Reader$/m);
    expect(text).toMatch(/^ +c +.* acme$/m);
    expect(text).toMatch(/^ +d +.* work \(aws-vault\)$/m);
    expect(shown(lines, 60)).toMatch(/^ +b +.* Reader$/m);
  });

  it('has no column for roles where no context has one', () => {
    expect(shown([line('a', GET_TOKEN)], 200)).not.toContain('ROLE');
  });

  it('tells names that are too long by what differs, and marks the current one', () => {
    const [one, two] = ['111122223333', '444455556666'].map((id) =>
      line(`arn:aws:eks:us-east-1:${id}:cluster/dev`, GET_TOKEN),
    );
    if (!one || !two) return;
    const text = shown([{ ...one, context: { ...one.context, current: true } }, two], 50);
    expect(text).toMatch(/^\* …\S*111122223333:cluster\/dev /m);
    expect(text).toMatch(/^ {2}…\S*444455556666:cluster\/dev /m);
  });

  it.each([80, 60])('shows the clusters of ARNs on a terminal of %i columns, and no region in part', (columns) => {
    const lines = ['us-east-1', 'ap-southeast-1'].flatMap((region) =>
      ['dev', 'production'].map((name) => line(`arn:aws:eks:${region}:111122223333:cluster/${name}`, GET_TOKEN)),
    );
    const text = shown(
      lines.map((one, index) => ({
        ...one,
        context: { ...one.context, region: index < 2 ? 'us-east-1' : 'ap-southeast-1' },
      })),
      columns,
    );
    expect(text.match(/\/dev /g)).toHaveLength(2);
    expect(text.match(/\/production /g)).toHaveLength(2);
    expect(text).not.toMatch(/ {2}(us|ap)-[^ ]*…/);
  });

  it('explains the words of its tokens that stand in it', () => {
    const used: TokenView = { state: 'valid', secondsLeft: 90 };
    expect(shown([line('a', GET_TOKEN)], 200)).toContain('TOKEN none: the next command makes one; all words:');
    const text = shown([line('a', GET_TOKEN, { token: used })], 200);
    expect(text).toContain('TOKEN not used: there is one, but the context runs its original command; all words:');
    expect(shown([line('a', GET_TOKEN, { token: used, fromCache: true })], 200)).not.toContain('all words');
  });

  it('says once what the AWS files lack for several contexts, and has it in JSON for each', () => {
    const problem = new EKSAuthError('PROFILE_NOT_FOUND', 'There is no such profile.', { remedy: 'Make it.' });
    const lines = ['a', 'b'].map((name) => line(name, GET_TOKEN, { problem }));
    const text = shown(lines, 200);
    expect(text.match(/ broken /g)).toHaveLength(2);
    expect(text).toContain('! a, b: There is no such profile. Make it.\n');
    const value = statusValue({ files: [], script: { path: '', state: 'current' }, lines }, new Date(0));
    const told = { problem: { code: 'PROFILE_NOT_FOUND', message: 'There is no such profile.', remedy: 'Make it.' } };
    expect(value).toMatchObject({ contexts: [told, told] });
  });
});
