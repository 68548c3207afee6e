import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalEKS } from '../../../src/testing/index.ts';
import { writeAWSProgram } from '../../support/aws-program.ts';
import type { ManagerHome } from '../../support/cli-home.ts';
import { type ManagerOnLocalAWS, managerOnLocalAWS } from '../../support/manager-on-local-aws.ts';
import { optionalProgram } from '../../support/optional-programs.ts';
import { run } from '../../support/plugin-home.ts';

let world: ManagerOnLocalAWS;
let eks: LocalEKS;
let home: ManagerHome;

beforeAll(async () => {
  world = await managerOnLocalAWS();
  ({ eks, home } = world);
  home.write(eks.kubeconfig());
});
afterAll(() => world.close());

/** A PATH whose `aws` prints the token of this profile, whatever it is asked for. */
async function pathWithTokenOf(profile: string): Promise<string> {
  const folder = join(home.path, `aws-of-${profile}`);
  mkdirSync(folder, { recursive: true });
  const { stdout } = await home.run('token', 'dev', 'us-east-1', profile);
  writeAWSProgram(join(folder, 'aws'), `echo '${stdout.trim()}'`);
  return `${folder}:${home.env.PATH}`;
}

describe('the comparison with the original command', () => {
  it('shows in doctor what AWS sees in both tokens, beside each other', async () => {
    const PATH = await pathWithTokenOf('admin');
    const { code, stdout } = await home.runWith({ PATH }, 'doctor', 'dev', '--compare');
    expect(code).toBe(0);
    const { arn } = eks.identities.admin;
    expect(stdout).toContain(`✓ ${eks.clusterArn}: the same identity\n`);
    expect(stdout).toContain(`signer    ${arn}  ${arn}\n`);
    expect(stdout).toMatch(/^cluster +dev +dev$/m);
    expect(stdout).toMatch(/^STS host +(sts\.us-east-1\.amazonaws\.com) +\1$/m);
    expect(stdout).toMatch(/^expires +\S+Z +\S+Z$/m);
  });

  it('stops apply before anything is changed where AWS sees another identity', async () => {
    const PATH = await pathWithTokenOf('reader');
    const before = home.read();
    const { code, stderr } = await home.runWith({ PATH }, 'apply', 'dev', '--compare');
    expect(code).toBe(1);
    expect(stderr).toContain(`✗ ${eks.clusterArn}: not the same: signer\n`);
    expect(stderr).toContain(`signer    ${eks.identities.reader.arn}  ${eks.identities.admin.arn}\n`);
    expect(stderr).toContain('EXEC_FAILED: ekspress would not have the identity of the original command');
    expect(home.read()).toBe(before);
    const json = await home.runWith({ PATH }, 'doctor', 'dev', '--compare', '-o', 'json');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout).compared).toMatchObject([{ comparison: { differences: ['signer'] } }]);
  });

  it('stops apply where it was asked for and the original command cannot run, and names the way on', async () => {
    const folder = join(home.path, 'aws-that-fails');
    mkdirSync(folder);
    writeAWSProgram(join(folder, 'aws'), 'echo broken >&2; exit 3');
    const PATH = `${folder}:${home.env.PATH}`;
    const { code, stderr } = await home.runWith({ PATH }, 'apply', 'dev', '--compare');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^- arn.*: not compared: aws exited with status 3/)]);
    expect(stderr).toMatch(/could not be made for "arn[\s\S]+Nothing was changed\.[\s\S]+`--no-compare`/);
    expect((await home.runWith({ PATH }, 'doctor', 'dev', '--compare')).code).toBe(1);
    const all = await home.runWith({ PATH }, 'apply', '--all', '--yes', '--compare');
    expect([all.code, all.stderr]).toEqual([1, expect.stringContaining('left as it is: the comparison could not')]);
    expect(home.read()).toBe(eks.kubeconfig());
    expect((await home.runWith({ PATH }, 'apply', 'dev', '--compare', '--no-compare')).code).toBe(2);
  });
});

describe('scripts/real-eks.mjs', () => {
  const kubectl = optionalProgram('kubectl');

  it.skipIf(!kubectl)('does the whole journey on a copy of the kubeconfig, and reports it without names', async () => {
    const PATH = `${await pathWithTokenOf('admin')}:${dirname(kubectl ?? '')}`;
    home.write(eks.kubeconfig(), 'real');
    const env = { ...home.env, PATH, KUBECONFIG: join(home.path, '.kube', 'real') };
    const before = home.read('real');
    const { status, stdout } = await run([process.execPath, 'scripts/real-eks.mjs'], env);
    expect([status, stdout]).toEqual([0, expect.stringContaining('## ok: revert, byte for byte')]);
    expect(stdout.match(/^## ok: kubectl through ekspress/gm)).toHaveLength(3);
    expect(stdout).not.toMatch(/FAILED|k8s-aws-v1|123456789012|user\/admin|AKIA/);
    expect(home.read('real')).toBe(before);
  });
});
