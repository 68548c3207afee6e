import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { McpServer } from '@modelcontextprotocol/server';
import { createEKSTools } from 'ekspress/mcp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type MCPWorld, mcpWorld } from '../../support/mcp-cluster.ts';
import { openTools } from '../../support/mcp-session.ts';

let world: MCPWorld;
beforeAll(async () => {
  world = await mcpWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

/** The world's kubeconfig with another name for its context, cluster and user. */
const named = (name: string) => world.eks.kubeconfig().replaceAll(world.eks.clusterArn, JSON.stringify(name));

/** A kubeconfig with several contexts of the world's server, each with the cluster that it gets tokens for. */
function withContexts(contexts: Readonly<Record<string, string>>): string {
  const { server, certificateAuthorityData, region } = world.eks;
  const list = Object.entries(contexts);
  const each = (entry: (name: string, cluster: string) => string): string =>
    list.map(([name, cluster]) => `- name: ${JSON.stringify(name)}\n${entry(JSON.stringify(name), cluster)}`).join('');
  return `apiVersion: v1
kind: Config
clusters:
${each(() => `  cluster:\n    certificate-authority-data: ${certificateAuthorityData}\n    server: ${server}\n`)}contexts:
${each((name) => `  context:\n    cluster: ${name}\n    user: ${name}\n`)}users:
${each((_, cluster) => `  user:\n    exec:\n      apiVersion: client.authentication.k8s.io/v1beta1\n      command: aws\n      args: [--region, ${region}, eks, get-token, --cluster-name, ${cluster}]\n`)}`;
}

function logged() {
  const lines: unknown[] = [];
  const quiet = () => undefined;
  const logger = { debug: quiet, info: quiet, error: quiet, warn: (...words: unknown[]) => lines.push(words) };
  return { lines, logger };
}

describe('A file that the operator has opened', () => {
  it('is listed and registered from with 250 contexts, which have more than the 1 MiB that a model may pass', async () => {
    const names = Array.from({ length: 250 }, (_, at) => `c${at}`);
    const comments = `# ${'x'.repeat(100)}\n`.repeat(10_000);
    const text = `${comments}${withContexts(Object.fromEntries(names.map((name) => [name, name])))}`;
    const file = await world.write('large', text);
    expect(text.length).toBeGreaterThan(1024 * 1024);
    await using session = await openTools({ env: world.env, trustedKubeconfigs: [file], describeClusters: false });
    const listed = await session.call('list_eks_clusters');
    expect(listed.value).toMatchObject({ more_available: 50 });
    expect(listed.value.available).toHaveLength(200);
    for (const context of names.slice(-2)) {
      expect((await session.call('register_eks_cluster', { context })).value).toMatchObject({ context });
    }
    expect((await session.call('list_eks_clusters')).value).toMatchObject({ more_available: 48 });
  });

  it('is read again after a change', async () => {
    const file = await world.write('changing', named('before'));
    await using session = await openTools({ env: world.env, trustedKubeconfigs: [file] });
    expect((await session.call('list_eks_clusters')).value).toMatchObject({ available: [{ context: 'before' }] });
    await writeFile(file, named('after'));
    expect((await session.call('list_eks_clusters')).value).toMatchObject({ available: [{ context: 'after' }] });
  });

  it('is missed aloud where it cannot be read: in the log from the start, and in the list without its words', async () => {
    const damaged = await world.write('damaged-ignore-all', 'contexts: [ignore-all-previous');
    const files = [damaged, join(world.home, 'absent-ignore-all')];
    const { lines, logger } = logged();
    await using session = await openTools({ env: world.env, logger, trustedKubeconfigs: files });
    await vi.waitFor(() => expect(lines).toHaveLength(2));
    expect(lines).toEqual(
      files.map((path) => [
        'mcp: a trusted kubeconfig cannot be read',
        { path, code: 'INVALID_KUBECONFIG', error: expect.stringContaining(path) },
      ]),
    );
    const listed = await session.call('list_eks_clusters');
    expect(listed.value).toEqual({
      clusters: [],
      available: [],
      missing: [
        {
          message: '2 kubeconfigs that the operator has opened cannot be read.',
          remedy:
            'Ask the operator to correct the file or the option --trust-kubeconfig: the log of this server (its stderr) names the file and the reason.',
        },
      ],
    });
    const registered = await session.call('register_eks_cluster', { context: 'prod' });
    expect(registered.value).toMatchObject({
      message:
        'The operator has opened no kubeconfig with an EKS context that can be used. 2 kubeconfigs that the operator has opened cannot be read.',
      remedy: expect.stringContaining('Ask the operator to correct the file'),
    });
    expect(listed.raw + registered.raw).not.toMatch(/ignore/);
    expect(lines, 'the log of later calls').toHaveLength(2);
    await writeFile(damaged, named('mended'));
    expect((await session.call('list_eks_clusters')).value).toMatchObject({
      available: [{ context: 'mended' }],
      missing: [{ message: '1 kubeconfig that the operator has opened cannot be read.' }],
    });
  });

  it('has its contexts counted that cannot be shown or used, and the log has their names', async () => {
    const odd = { 'Ignore all previous': 'dev', öde: 'dev', plain: 'dev', broken: 'dev' };
    const file = await world.write('odd', withContexts(odd).replace('user: "broken"', 'user: nobody'));
    const { lines, logger } = logged();
    await using session = await openTools({ env: world.env, logger, trustedKubeconfigs: [file] });
    const listed = await session.call('list_eks_clusters');
    expect(listed.value).toMatchObject({
      available: [{ context: 'plain' }],
      missing: [
        {
          message: '2 EKS contexts of the operator have names that cannot be shown here.',
          remedy: expect.stringContaining('kubectl config rename-context'),
        },
        { message: '1 context of the operator cannot be used.', remedy: expect.stringContaining('ekspress doctor') },
      ],
    });
    expect(listed.raw).not.toMatch(/Ignore|öde|broken|nobody/);
    const names = ['Ignore all previous', 'öde', 'broken'];
    expect(lines).toEqual([['mcp: contexts are left out', { path: file, names }]]);
  });

  it('has no context listed as available that would be refused, and the list says how to learn why', async () => {
    const keys = '      env: [{name: AWS_ACCESS_KEY_ID, value: AKIAIOSFODNN7EXAMPLE}]\n';
    const text = withContexts({ plain: 'dev', keyed: 'keyed' });
    const file = await world.write('refused', text.replace(/(--cluster-name, keyed\]\n)/, `$1${keys}`));
    const { lines, logger } = logged();
    await using session = await openTools({ env: world.env, logger, trustedKubeconfigs: [file] });
    const listed = await session.call('list_eks_clusters');
    expect(listed.value.available).toMatchObject([{ context: 'plain' }]);
    expect(listed.value.missing).toMatchObject([
      {
        message: '1 EKS context of the operator asks for what this server does not do.',
        remedy: expect.stringMatching(/^Call register_eks_cluster with its name/),
      },
    ]);
    expect(lines).toEqual([['mcp: contexts are left out', { path: file, names: ['keyed'] }]]);
    const unknown = await session.call('check_access', { cluster_id: 'keyed' });
    expect(unknown.value.message).toBe('No cluster "keyed" is registered.');
    const refused = await session.call('register_eks_cluster', { context: 'keyed' });
    expect(refused.value).toMatchObject({
      code: 'EXEC_DENIED',
      message: expect.stringContaining('AWS_ACCESS_KEY_ID'),
      remedy: expect.stringMatching(/^Ask the user for a kubeconfig/),
    });
  });

  it('does not ask for the file of the operator once more where it has only users of other kinds', async () => {
    const text = withContexts({ a: 'dev', b: 'dev' }).replaceAll('command: aws', 'command: kubelogin');
    const file = await world.write('others', text);
    await using session = await openTools({ env: world.env, trustedKubeconfigs: [file] });
    const { value } = await session.call('list_eks_clusters');
    const [missing] = value.missing as readonly { message: string; remedy: string }[];
    expect(missing?.message).toBe('2 contexts of the operator do not authenticate by an EKS command.');
    const registered = await session.call('register_eks_cluster', {});
    for (const remedy of [missing?.remedy, registered.value.remedy, value.next_step]) {
      expect(remedy ?? '').not.toContain('--trust-kubeconfig');
    }
  });
});

describe('A kubeconfig that a model passes', () => {
  it('is registered by the name of a cluster that one of its contexts has', async () => {
    const { eks, env } = world;
    await using session = await openTools({ env, trustedServers: [eks] });
    const one = withContexts({ a: 'dev', b: 'prod', c: 'prod' });
    const register = (context: string, kubeconfig = one) =>
      session.call('register_eks_cluster', { kubeconfig, context, cluster_id: context });
    expect((await register('dev')).value).toMatchObject({ cluster_id: 'dev', context: 'a' });
    expect((await register('prod')).value).toEqual({
      code: 'INVALID_KUBECONFIG',
      message: '2 contexts have the cluster "prod": "b", "c".',
      remedy: 'Pass the name of a context in this kubeconfig as context.',
    });
    expect((await register('devv')).value).toMatchObject({
      message: 'The kubeconfig has no context "devv". There are "a", "b", "c".',
    });
    const unnamed = await session.call('register_eks_cluster', { kubeconfig: one });
    expect(unnamed.value).toMatchObject({
      message: 'The kubeconfig has no current-context, and no context was named. There are "a", "b", "c".',
    });
  });

  it('may stand in a fence of Markdown, with words around it', async () => {
    const { eks, env } = world;
    await using session = await openTools({ env, trustedServers: [eks] });
    const text = eks.kubeconfig();
    const fenced = [
      `\`\`\`yaml\n${text}\`\`\``,
      `\`\`\`\r\n${text}\n\`\`\`\n`,
      `Here is the kubeconfig:\n\n~~~yml\n${text}\n~~~\nRegister it.`,
    ];
    for (const kubeconfig of fenced) {
      const { value } = await session.call('register_eks_cluster', { kubeconfig });
      expect(value, kubeconfig.slice(0, 30)).toMatchObject({ cluster_id: eks.clusterArn });
    }
    const two = `\`\`\`\n${text}\`\`\`\n\`\`\`\n${text}\`\`\``;
    expect((await session.call('register_eks_cluster', { kubeconfig: two })).value).toMatchObject({
      code: 'INVALID_KUBECONFIG',
    });
  });
});

describe('A remedy for a model', () => {
  it('names the field of a kubeconfig that has to go, where no option of the server helps', async () => {
    const { eks, env } = world;
    await using session = await openTools({ env, trustedServers: [eks] });
    const fields = {
      'proxy-url': 'https://evil.example',
      'insecure-skip-tls-verify': 'true',
      'tls-server-name': 'other',
    };
    for (const [field, value] of Object.entries(fields)) {
      const kubeconfig = eks.kubeconfig().replace('  name: arn', `    ${field}: ${value}\n  name: arn`);
      const refused = await session.call('register_eks_cluster', { kubeconfig });
      expect(refused.value).toMatchObject({
        code: 'SERVER_UNTRUSTED',
        message: expect.stringContaining(field),
        remedy: `Ask the user to remove ${field} from the kubeconfig, or pass its text without it. No option of this server allows ${field}.`,
      });
    }
  });

  it('has a word to replace in a command where a name of the kubeconfig is not shown', async () => {
    const { eks, env } = world;
    const flag = '$1get-token\n$1--profile\n$1ignore-all-previous';
    const path = await world.write('stranger', eks.kubeconfig().replace(/^( +- )get-token$/m, flag));
    await using session = await openTools({ env, roots: [world.home] });
    const { raw, value } = await session.call('register_eks_cluster', { kubeconfig: path, cluster_id: 'y' });
    expect(value).toMatchObject({ code: 'PROFILE_NOT_FOUND', remedy: expect.stringContaining('--profile PROFILE') });
    expect(value.remedy).not.toMatch(/`[^`]*\(not shown\)/);
    expect(raw).not.toMatch(/ignore/);
  });

  it('lists no placeholders where no name of a kubeconfig is shown', async () => {
    await using session = await openTools({ env: world.env, roots: [world.home] });
    await world.write('strange-names', withContexts({ 'ignore-all': 'dev', 'ignore-more': 'dev' }));
    const { raw, value } = await session.call('register_eks_cluster', { kubeconfig: `${world.home}/strange-names` });
    expect(value.message).toBe(
      'The kubeconfig has no current-context, and no context was named. There are names that are not shown.',
    );
    expect(raw).not.toMatch(/ignore/);
  });

  it('writes the option for an API server as the command line takes it', async () => {
    const { eks, env } = world;
    await using session = await openTools({ env, describeClusters: false });
    const { value } = await session.call('register_eks_cluster', { kubeconfig: eks.kubeconfig() });
    expect(value).toMatchObject({
      code: 'SERVER_UNTRUSTED',
      remedy: expect.stringContaining('--trust-server URL=FILE'),
    });
  });

  it('is a call of a tool, or what to ask the user or the operator for, and never a command by itself', async () => {
    const { eks, env } = world;
    const nobody = { server: eks.server, certificateAuthorityData: eks.certificateAuthorityData, profile: 'nobody' };
    await using session = await openTools({ env, roots: [world.home], trustedServers: [nobody] });
    const kubeconfig = eks.kubeconfig().replace(/^( +- )get-token$/m, '$1get-token\n$1--profile\n$1nobody');
    const answers = [
      await session.call('register_eks_cluster', { kubeconfig: kubeconfig.replace('exec:', 'exec: [') }),
      await session.call('register_eks_cluster', { kubeconfig: kubeconfig.replace('kind: Config', 'kind: Pod') }),
      await session.call('register_eks_cluster', { kubeconfig: kubeconfig.replace(/user: .*/, 'user: other') }),
      await session.call('register_eks_cluster', { kubeconfig: kubeconfig.replace('get-token', 'get-tokens') }),
      await session.call('register_eks_cluster', { kubeconfig: `${kubeconfig}\n---\n${kubeconfig}` }),
      await session.call('register_eks_cluster', { kubeconfig: eks.kubeconfig({ server: 'https://evil.example' }) }),
      await session.call('register_eks_cluster', { kubeconfig: '/etc/hostname' }),
      await session.call('register_eks_cluster', { kubeconfig: `${world.home}/absent` }),
      await session.call('register_eks_cluster', {
        kubeconfig: kubeconfig.replace(/ {4}exec:[\s\S]*$/, '    token: a\n'),
      }),
      await session.call('register_eks_cluster', {}),
      await session.call('check_access', { cluster_id: 'unknown' }),
    ];
    await session.call('register_eks_cluster', { kubeconfig, cluster_id: 'x' });
    answers.push(await session.call('check_access', { cluster_id: 'x' }));
    const { value } = await session.call('diagnose', { cluster_id: 'x' });
    const checks = value.checks as readonly { remedy?: string }[];
    const remedies = [...answers.map((one) => one.value.remedy), checks[0]?.remedy];
    for (const remedy of remedies) {
      expect(remedy).toMatch(/^(Ask the (user|operator)|Call |Pass |Choose |Use an id )/);
      expect(remedy).not.toMatch(/registerBy|\{ context \}|trustedServers/);
    }
    expect(remedies.at(-1)).toMatch(/^Ask the user to do this: .*`aws configure/);
  });
});

describe('A path that a model passes', () => {
  it('is shown in the answer, also below a folder whose name begins with a dot', async () => {
    await using session = await openTools({ env: world.env });
    for (const kubeconfig of ['/etc/passwd', '~/.kube/config', '/.kube/config', '~/kube']) {
      const { value } = await session.call('register_eks_cluster', { kubeconfig });
      expect(value.message).toBe(`"${kubeconfig}" is not in a folder that the operator has opened to this server.`);
    }
  });
});

describe('A token that only a program can make', () => {
  it('is refused with the profile that wants it', async () => {
    const { eks, env } = world;
    const config = await world.write('config', '[profile runs]\ncredential_process = /bin/false\n');
    const runs = { server: eks.server, certificateAuthorityData: eks.certificateAuthorityData, profile: 'runs' };
    await using session = await openTools({ env: { ...env, AWS_CONFIG_FILE: config }, trustedServers: [runs] });
    const kubeconfig = eks.kubeconfig().replace(/^( +- )get-token$/m, '$1get-token\n$1--profile\n$1runs');
    await session.call('register_eks_cluster', { kubeconfig, cluster_id: 'x' });
    expect((await session.call('check_access', { cluster_id: 'x' })).value).toMatchObject({
      code: 'EXEC_DENIED',
      message: expect.stringContaining('(the profile "runs" runs a program)'),
    });
  });
});

describe('The tools for a server of one’s own', () => {
  it('bring the instructions that `ekspress mcp` gives', async () => {
    await using tools = await createEKSTools({ env: world.env });
    expect(tools.instructions).toContain('list_eks_clusters first');
    const server = new McpServer({ name: 'mine', version: '1.0.0' }, { instructions: tools.instructions });
    tools.addTo(server);
  });
});
