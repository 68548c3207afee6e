import { expect, it } from 'vitest';
import { parseExecConfig } from '../../../../src/aws/stanza/parse-exec-config.ts';
import { objectionTo } from '../../../../src/cluster/trust/compare-trusted-servers.ts';

const server = 'https://abc.gr7.us-east-1.eks.amazonaws.com';
const stanza = (...more: string[]) =>
  parseExecConfig({
    command: 'aws',
    args: ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'dev', ...more],
  });
const request = { server, caData: 'Q0E=', config: stanza() };
const trusted = { server, certificateAuthorityData: 'Q0E=', clusterName: 'dev' };
const whole = { authority: true, identity: true };
const undecided = () => Promise.reject(new Error('nothing has to be decided'));

it('A server may be vouched for as that of one cluster: the token of another is not sent there', async () => {
  expect(await objectionTo(request, [trusted], whole, undecided)).toBeUndefined();
  const other = {
    ...request,
    config: parseExecConfig({ command: 'aws', args: ['eks', 'get-token', '--cluster-name', 'prod'] }),
  };
  expect(await objectionTo(other, [trusted], whole, undecided)).toBe('authority');
  expect(await objectionTo({ ...request, caData: 'RVZJTA==' }, [trusted], whole, undecided)).toBe('authority');
  expect(await objectionTo({ ...request, caData: undefined }, [trusted], whole, undecided)).toBe('authority');
});

it('An id is not a name: a cluster of that id is another one', async () => {
  const byId = parseExecConfig({ command: 'aws', args: ['eks', 'get-token', '--cluster-id', 'dev'] });
  expect(await objectionTo({ ...request, config: byId }, [trusted], whole, undecided)).toBe('authority');
});

it('A bare server is vouched for whatever authority and cluster are named, in a file that the user has chosen', async () => {
  const loose = { authority: false, identity: false };
  const bare = { ...request, caData: undefined };
  expect(await objectionTo(bare, [server], loose, undecided)).toBeUndefined();
  expect(await objectionTo(request, [server], loose, undecided)).toBeUndefined();
});

it('A bare server is vouched for in the text of a stranger only where the text brings no authority', async () => {
  expect(await objectionTo({ ...request, caData: undefined }, [server], whole, undecided)).toBeUndefined();
  expect(await objectionTo(request, [server], whole, undecided)).toBe('no-authority');
});

it.each([
  ['cluster', { cluster: 'other' }],
  ['kind of name', { byId: true }],
  ['region', { region: 'us-west-2' }],
  ['partition', { endpoint: 'https://sts.us-gov-east-1.amazonaws.com' }],
  ['principal', { principal: 'b' }],
])('Another %s that is decided is another identity, whatever the words say', async (_what, differs) => {
  const ours = { cluster: 'dev', byId: false, region: 'us-east-1', endpoint: 'https://sts', principal: 'a' };
  const config = stanza('--profile', 'b');
  const decide = async (one: unknown) => (one === config ? { ...ours, ...differs } : ours);
  expect(await objectionTo({ ...request, config }, [trusted], whole, decide)).toBe('identity');
  expect(await objectionTo({ ...request, config }, [trusted], whole, async () => ours)).toBeUndefined();
});
