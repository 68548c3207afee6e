#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { EKSAuthError } from '../errors.ts';
import { type Logger, packageFile } from '../host.ts';
import { type Command, EXIT, UsageError } from './command.ts';

const COMMANDS: readonly { readonly name: string; readonly load: () => Promise<Command> }[] = [
  { name: 'demo', load: async () => (await import('./demo/command.ts')).demo },
  { name: 'token', load: async () => (await import('./token.ts')).token },
];

async function main(words: readonly string[]): Promise<number> {
  const debug = words.includes('--debug') || process.env.EKS_TOKEN_DEBUG === '1';
  const [name, ...rest] = words.filter((word) => word !== '--debug');
  if (name === '--version') return print(`${version()}\n`);
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    await overview();
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  const entry = COMMANDS.find((command) => command.name === name);
  if (entry === undefined) throw new UsageError(`There is no command '${name}'.`);
  const command = await entry.load();
  const beforeSeparator = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest;
  if (beforeSeparator.includes('--help') || beforeSeparator.includes('-h')) return print(command.help);
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort(new Error('interrupted')));
  try {
    return await command.run(rest, {
      env: process.env,
      logger: stderrLogger(debug),
      out: (text) => process.stdout.write(text),
      err: (text) => process.stderr.write(text),
      signal: interrupt.signal,
    });
  } catch (error) {
    if (interrupt.signal.aborted) return EXIT.interrupted;
    throw error;
  }
}

function print(text: string): number {
  process.stdout.write(text);
  return EXIT.ok;
}

async function overview(): Promise<void> {
  const commands = await Promise.all(COMMANDS.map(({ load }) => load()));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(8)}${summary}`);
  print(`ekspress ${version()}: EKS auth, express\n\n${lines.join('\n')}\n\n  --help, --version, --debug\n`);
}

function version(): string {
  return JSON.parse(readFileSync(packageFile('package.json'), 'utf8')).version;
}

function stderrLogger(debug: boolean): Logger {
  const say = (message: string, ...details: unknown[]): void => {
    process.stderr.write(`[DEBUG] ${[message, ...details.map((detail) => JSON.stringify(detail))].join(' ')}\n`);
  };
  const quiet = (): void => undefined;
  return { debug: debug ? say : quiet, info: debug ? say : quiet, warn: say, error: say };
}

/** The one place where a failure becomes words and an exit status. */
function explain(error: unknown): number {
  if (error instanceof EKSAuthError) {
    process.stderr.write(`ekspress: ${error.message}\n  ${error.remedy}\n`);
    return EXIT.failure;
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (error instanceof UsageError || code.startsWith('ERR_PARSE_ARGS')) {
    process.stderr.write(`ekspress: ${(error as Error).message}\n  Run \`ekspress --help\` for what there is.\n`);
    return EXIT.usage;
  }
  throw error;
}

process.exitCode = await main(process.argv.slice(2)).catch(explain);
