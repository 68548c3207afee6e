import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { root } from './pages.ts';

/** What `npm pack` says of the tarball. */
interface Packed {
  readonly filename: string;
  /** Bytes of the tarball. */
  readonly size: number;
  /** Bytes of what is in it. */
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/** The package as a user gets it: packed, and installed into a folder where nothing else is, with an empty home. */
export interface Installed extends Disposable {
  readonly folder: string;
  readonly home: string;
  readonly tarball: string;
  readonly packed: Packed;
  /** Runs a program in the folder and gives what it prints. */
  run(command: string, args: readonly string[], env?: Readonly<Record<string, string>>): string;
  /** Runs the code of a module that lies in the folder. */
  runModule(code: string, env?: Readonly<Record<string, string>>): string;
  /** Starts `ekspress mcp` by this command, sends it calls, and gives the result of each. */
  callTools(command: string, args: readonly string[], calls: readonly ToolCall[]): Promise<ToolAnswer[]>;
  /** Puts a package beside ours, as a user installs it: the one of the compatibility run if it has one, else our own. */
  addPeer(name: string): void;
  /** Types `npm install --global` for the tarball and these packages, under a prefix of its own; gives the folder of programs. */
  installGlobally(...packages: string[]): string;
}

interface ToolCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

interface ToolAnswer {
  readonly isError?: boolean;
  readonly content: readonly { readonly text: string }[];
}

/**
 * Packs and installs. `EKSPRESS_TARBALL` names a package that is packed already and tested instead, as the one that a
 * release will publish.
 */
export function packAndInstall(): Installed {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'ekspress-package-')));
  const [folder, home] = [join(top, 'project'), join(top, 'home')];
  for (const name of [folder, home]) mkdirSync(name);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  // Packing builds, declarations included; without a word, or it would stand in front of the answer.
  const quietly = ['--json', '--foreground-scripts=false', '--pack-destination', top];
  const given = process.env.EKSPRESS_TARBALL ? [resolve(root, process.env.EKSPRESS_TARBALL)] : [];
  const [packed] = JSON.parse(execFileSync('npm', ['pack', ...given, ...quietly], { cwd: root, encoding: 'utf8' }));
  const npmCache = execFileSync('npm', ['config', 'get', 'cache'], { cwd: root, encoding: 'utf8' }).trim();
  const tarball = join(top, packed.filename);
  const { PATH = '' } = process.env;
  const base = { PATH: [join(folder, 'node_modules', '.bin'), PATH].join(delimiter), HOME: home };
  const environment = (env = {}) => ({
    ...base,
    npm_config_cache: npmCache,
    npm_config_prefer_offline: 'true',
    ...env,
  });
  const run: Installed['run'] = (command, args, env) =>
    execFileSync(command, args, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: environment(env),
    });
  run('npm', ['install', '--no-audit', '--no-fund', tarball]);
  return {
    folder,
    home,
    tarball,
    packed,
    run,
    runModule: (code, env) => run(process.execPath, ['--input-type=module', '-e', code], env).trim(),
    async callTools(command, args, calls) {
      const child = spawn(command, args, { cwd: folder, env: environment(), stdio: ['pipe', 'pipe', 'inherit'] });
      const said = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
      const answers: ToolAnswer[] = [];
      const clientInfo = { name: 'consumer', version: '1' };
      said({ id: -1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo } });
      said({ method: 'notifications/initialized' });
      for (const [id, params] of calls.entries()) said({ id, method: 'tools/call', params });
      let text = '';
      for await (const chunk of child.stdout.setEncoding('utf8')) {
        text += chunk;
        const messages = text.slice(0, text.lastIndexOf('\n') + 1);
        for (const line of messages.split('\n').filter(Boolean)) {
          const { id, result } = JSON.parse(line);
          if (id >= 0) answers[id] = result;
        }
        text = text.slice(messages.length);
        if (calls.every((_, id) => answers[id] !== undefined)) child.stdin.end();
      }
      return answers;
    },
    addPeer(name) {
      const target = join(folder, 'node_modules', name);
      mkdirSync(join(target, '..'), { recursive: true });
      const { EKSPRESS_COMPAT: other } = process.env;
      // Under `npm run test:compat` the package of its client-node, where that has one.
      const found = [other, root]
        .map((folder) => folder && join(folder, 'node_modules', name))
        .find((path) => path && existsSync(path));
      if (!found) throw new Error(`${name} is not among the packages of this tree`);
      if (!existsSync(target)) symlinkSync(found, target);
    },
    installGlobally(...packages) {
      const prefix = mkdtempSync(join(top, 'global-'));
      run('npm', ['install', '--global', '--no-audit', '--no-fund', '--prefix', prefix, tarball, ...packages]);
      return join(prefix, 'bin');
    },
    [Symbol.dispose]: () => rmSync(top, { recursive: true, force: true }),
  };
}
