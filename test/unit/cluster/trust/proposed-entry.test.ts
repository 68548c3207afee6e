import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterRegistry, type EKSAuthError, type TrustedServer } from 'ekspress';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CA, kubeconfigText, SERVER } from '../../../support/kubeconfig-text.ts';

const ROLE = 'arn:aws:iam::123456789012:role/deploy';
const VALUES = { server: SERVER, certificateAuthorityData: CA, profile: 'acme', roleArn: ROLE };
const stanza = (args: string, more = '') =>
  `exec: {command: aws, args: [eks, get-token, --region, us-west-2, --cluster-name, prod${args}]${more}}`;
const withoutAuthority = (text: string) => text.replace(/\n *certificate-authority-data: .*/, '');

const TEXTS: Readonly<Record<string, string>> = {
  'a certificate authority': kubeconfigText(),
  'no certificate authority': withoutAuthority(kubeconfigText()),
  'a profile': kubeconfigText({ user: stanza(', --profile, acme') }),
  'a profile in its variables': kubeconfigText({
    user: stanza('', ', env: [{name: AWS_PROFILE, value: acme}]'),
  }),
  'a role': kubeconfigText({ user: stanza(`, --role-arn, "${ROLE}"`) }),
  'a profile and a role': kubeconfigText({ user: stanza(`, --profile, acme, --role-arn, "${ROLE}"`) }),
};

/** The entry that a remedy proposes, with the values of the cluster in the place of each `…`. */
function proposedBy({ remedy }: EKSAuthError): TrustedServer {
  const [, fields = ''] = /\{ trustedServers: \[\{ (.*?) \}\] \}/.exec(remedy) ?? [];
  const names = [...fields.matchAll(/(\w+): '/g)].map(([, name]) => name as keyof typeof VALUES);
  return Object.fromEntries(names.map((name) => [name, VALUES[name]])) as unknown as TrustedServer;
}

const KEYS = 'aws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = x\n';
let home = '';

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'ekspress-proposed-'));
  mkdirSync(join(home, '.aws'));
  writeFileSync(join(home, '.aws', 'credentials'), `[default]\n${KEYS}[acme]\n${KEYS}`);
});
afterAll(() => rmSync(home, { recursive: true }));

describe('the entry that a remedy proposes for trustedServers', () => {
  it.each(Object.entries(TEXTS))('is accepted for a kubeconfig text with %s', async (_, text) => {
    await using registry = new ClusterRegistry({ env: { HOME: home }, cache: false });
    const refused = await registry.registerEKSByString(text).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'SERVER_UNTRUSTED' });
    const entry = proposedBy(refused as EKSAuthError);
    expect(entry.server).toBe(SERVER);
    const cluster = await registry.registerEKSByString(text, { trustedServers: [entry] });
    expect(cluster.server).toBe(SERVER.toLowerCase());
  });
});
