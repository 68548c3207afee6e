import { expect, it } from 'vitest';
import { isTrusted } from '../../../../src/cluster/trust/trusted-servers.ts';

const server = 'https://abc.gr7.us-east-1.eks.amazonaws.com';
const request = { server, caData: 'Q0E=', clusterName: 'dev' };

it('A server may be vouched for as that of one cluster: the token of another is not sent there', () => {
  const trusted = [{ server, certificateAuthorityData: 'Q0E=', clusterName: 'dev' }];
  expect(isTrusted(request, trusted)).toBe(true);
  expect(isTrusted({ ...request, clusterName: 'prod' }, trusted)).toBe(false);
  expect(isTrusted({ ...request, caData: 'RVZJTA==' }, trusted)).toBe(false);
  expect(isTrusted({ ...request, caData: undefined }, trusted)).toBe(false);
});

it('A bare server is vouched for whatever authority and cluster are named', () => {
  expect(isTrusted({ ...request, caData: undefined, clusterName: 'prod' }, [server])).toBe(true);
});
