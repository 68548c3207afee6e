import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ManagerHome, makeHome } from '../../support/cli-home.ts';

const ORIGINAL = `apiVersion: v1
kind: Config
clusters:
- {name: dev, cluster: {server: "https://dev.example"}}
contexts:
- {name: dev, context: {cluster: dev, user: dev}} # mine
- {name: folded, context: {cluster: dev, user: folded}}
current-context: dev
users:
- name: dev
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: aws # the CLI
      args: [--region, us-east-1, eks, get-token, --cluster-name, dev]
- name: folded
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      command: >-
        aws
      args: [--region, us-east-1, eks, get-token, --cluster-name, dev]
`;

/** How the installHint began in the days when it named a package to be fetched. */
const OLD =
  'ekspress-exec is missing. To run the original command in its place: mkdir -p ~/.kube/ekspress && ln -sf /usr/bin/env ~/.kube/ekspress/ekspress-exec. To undo the change in this kubeconfig: npx ekspress revert --all';

/** The same file after the apply of that time, letter by letter but for the home. */
const applied = (script: string) => `apiVersion: v1
kind: Config
clusters:
- {name: dev, cluster: {server: "https://dev.example"}}
contexts:
- {name: dev, context: {cluster: dev, user: dev}} # mine
- {name: folded, context: {cluster: dev, user: folded}}
current-context: dev
users:
- name: dev
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      installHint: "${OLD} (interactiveMode was added)"
      interactiveMode: IfAvailable
      command: ${script} # the CLI
      args: [aws, --region, us-east-1, eks, get-token, --cluster-name, dev]
- name: folded
  user:
    exec:
      {"apiVersion":"client.authentication.k8s.io/v1beta1","command":"${script}","args":["aws","--region","us-east-1","eks","get-token","--cluster-name","dev"],"installHint":"${OLD} (original eyJ0ZXh0IjoiYXBpVmVyc2lvbjogY2xpZW50LmF1dGhlbnRpY2F0aW9uLms4cy5pby92MWJldGExXG4gICAgICBjb21tYW5kOiA-LVxuICAgICAgICBhd3NcbiAgICAgIGFyZ3M6IFstLXJlZ2lvbiwgdXMtZWFzdC0xLCBla3MsIGdldC10b2tlbiwgLS1jbHVzdGVyLW5hbWUsIGRldl0iLCJ3YXMiOiI0MjY2MjE0ZjVjZTcwMjI4IiwiYmVjYW1lIjoiMzUxNTYwM2E2MTFlOTdiZSJ9)"}
`;

let home: ManagerHome;
beforeEach(() => {
  home = makeHome();
});
afterEach(() => home.remove());

const states = async () => {
  const { contexts } = JSON.parse((await home.run('status', '-o', 'json')).stdout);
  return contexts.map(({ state }: { state: string }) => state);
};

describe('a kubeconfig whose installHint names npx, from an earlier ekspress', () => {
  beforeEach(async () => {
    home.write(ORIGINAL);
    await home.run('apply-all', '--yes');
    home.write(applied(home.script));
  });

  it('is shown as applied', async () => {
    expect(await states()).toEqual(['applied', 'applied']);
  });

  it('is the same bytes as before that apply after it is reverted', async () => {
    expect(await home.run('revert', '--all', '--yes')).toMatchObject({ code: 0 });
    expect(home.read()).toBe(ORIGINAL);
  });

  it('gets a hint without npx when it is reverted and applied again', async () => {
    await home.run('revert', '--all', '--yes');
    await home.run('apply-all', '--yes');
    expect(await states()).toEqual(['applied', 'applied']);
    expect(home.read().match(/where ekspress is installed: ekspress revert --all/g)).toHaveLength(2);
    expect(home.read()).not.toContain('npx');
  });
});
