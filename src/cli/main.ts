#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { packageFile, stderrLogger } from '../host.ts';
import { type Command, EXIT, type Screen, type Terminal, UsageError } from './command.ts';
import { explain } from './explain.ts';
import { type CommandLine, readCommandLine } from './global-options.ts';
import { quietLogger } from './terminal/quiet-logger.ts';

const COMMANDS: readonly { readonly name: string; readonly load: () => Promise<Command> }[] = [
  { name: 'status', load: async () => (await import('./status/command.ts')).status },
  { name: 'apply', load: async () => (await import('./apply/command.ts')).apply },
  { name: 'apply-all', load: async () => (await import('./apply/command.ts')).applyAll },
  { name: 'revert', load: async () => (await import('./apply/revert.ts')).revert },
  { name: 'token', load: async () => (await import('./token.ts')).token },
  { name: 'warm', load: async () => (await import('./warm/command.ts')).warm },
  { name: 'doctor', load: async () => (await import('./doctor/command.ts')).doctor },
  { name: 'cache', load: async () => (await import('./cache/command.ts')).cache },
  { name: 'hook', load: async () => (await import('./shell/hook.ts')).hook },
  { name: 'completion', load: async () => (await import('./shell/completion.ts')).completion },
  { name: 'mcp', load: async () => (await import('./mcp.ts')).mcp },
  { name: 'demo', load: async () => (await import('./demo/command.ts')).demo },
];

const GLOBALS = `Options of every command, before or after it
  --kubeconfig FILE        instead of the KUBECONFIG list or ~/.kube/config
  -o, --output FORMAT      table (default), json or yaml
  --debug                  say on stderr what is done and why (also EKS_TOKEN_DEBUG=1)
  --help, --version
`;

async function main(line: CommandLine): Promise<number> {
  const { command: name, words, help } = line;
  if (line.version) return print(`${version()}\n`);
  if (name === undefined || name === 'help') {
    if (name === 'help' && words[0] !== undefined) return print((await find(words[0])).help);
    await overview(name === undefined && !help ? process.stderr : process.stdout);
    return name === undefined && !help ? EXIT.usage : EXIT.ok;
  }
  const command = await find(name);
  if (help) return print(`${command.help}\n${GLOBALS}`);
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort(new Error('interrupted')));
  process.once('SIGTERM', () => interrupt.abort(new Error('ended')));
  try {
    return await command.run(words, terminalOf(line, interrupt.signal));
  } catch (error) {
    if (interrupt.signal.aborted) return EXIT.interrupted;
    throw error;
  }
}

async function find(name: string): Promise<Command> {
  const entry = COMMANDS.find((command) => command.name === name);
  if (entry === undefined) throw new UsageError(`There is no command '${name}'.`);
  return entry.load();
}

function terminalOf({ options }: CommandLine, signal: AbortSignal): Terminal {
  const debug = options.debug || process.env.EKS_TOKEN_DEBUG === '1';
  const err = (text: string): void => void process.stderr.write(text);
  return {
    env: process.env,
    logger: debug ? stderrLogger : quietLogger(err),
    out: (text) => process.stdout.write(text),
    err,
    signal,
    options: { ...options, debug },
    screen: screenOf(process.stdout),
    errorScreen: screenOf(process.stderr),
    interactive: Boolean(process.stdin.isTTY && process.stderr.isTTY) && !process.env.CI,
  };
}

function screenOf(stream: NodeJS.WriteStream): Screen {
  const { NO_COLOR, FORCE_COLOR, TERM, CI } = process.env;
  const live = Boolean(stream.isTTY) && TERM !== 'dumb' && !CI;
  const forced = Boolean(FORCE_COLOR) && FORCE_COLOR !== '0';
  return {
    live,
    colour: !NO_COLOR && (forced || (Boolean(stream.isTTY) && TERM !== 'dumb')),
    columns: stream.isTTY ? Math.max(20, stream.columns || 80) : Number.POSITIVE_INFINITY,
  };
}

function print(text: string): number {
  process.stdout.write(text);
  return EXIT.ok;
}

async function overview(stream: NodeJS.WriteStream): Promise<void> {
  const commands = await Promise.all(COMMANDS.map(({ load }) => load()));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`);
  stream.write(`ekspress ${version()}: EKS auth, express\n\n${lines.join('\n')}\n\n${GLOBALS}`);
}

function version(): string {
  return JSON.parse(readFileSync(packageFile('package.json'), 'utf8')).version;
}

/** Where a mistake on the command line is explained: the help of the command, if it says one. */
function helpFor(line: readonly string[]): string {
  const command = COMMANDS.find(({ name }) => line.includes(name));
  return command ? `ekspress ${command.name} --help` : 'ekspress --help';
}

// Whoever reads our output may have seen enough (`ekspress status | head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failure),
);

try {
  process.exitCode = await main(readCommandLine(process.argv.slice(2)));
} catch (error) {
  const debug = process.argv.includes('--debug') || process.env.EKS_TOKEN_DEBUG === '1';
  process.exitCode = explain(error, {
    write: (text) => process.stderr.write(text),
    columns: screenOf(process.stderr).columns,
    debug,
    help: helpFor(process.argv.slice(2)),
  });
}
// Everything is said: nobody waits for a connection that hangs, or for a timer of a library.
process.stdout.write('', () => process.stderr.write('', () => process.exit()));
