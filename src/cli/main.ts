#!/usr/bin/env node
import { stderrLogger } from '../host.ts';
import { isMisspelt } from '../text/nearest-names.ts';
import { setting } from '../text/setting.ts';
import { VERSION } from '../text/version.ts';
import { type Command, EXIT, type GlobalOptions, type Screen, type Terminal, UsageError } from './command.ts';
import { helpOf, overviewOf } from './command-line/help.ts';
import { nearest, spellingsLike } from './command-line/option-hints.ts';
import { GLOBAL_OPTIONS } from './command-line/options.ts';
import { findCommand, readLine, strayOption, valuesAmong } from './command-line/read-line.ts';
import { COMMANDS, loadAll } from './commands.ts';
import { explain } from './explain.ts';
import { quietLogger } from './terminal/quiet-logger.ts';

async function main(args: readonly string[]): Promise<number> {
  const { name, rest, help, version: asksVersion, stray } = findCommand(args);
  const { columns } = screenOf(process.stdout);
  if (asksVersion) return print(`${VERSION}\n`);
  if (name === undefined && stray !== undefined) throw strayOption(stray);
  if (name === undefined || (name === 'help' && rest[0] === undefined)) {
    const text = overviewOf(await loadAll(), VERSION, columns);
    if (name === 'help' || help) return print(text);
    const { standing, WITHOUT_COMMAND } = await import('./status/standing.ts');
    const { line, options } = readLine(WITHOUT_COMMAND, rest);
    if (line.words.length > 0) throw new UsageError('Name a command before --.');
    if (process.stdout.isTTY) return print(await standing(terminalOf(options, new AbortController().signal)));
    process.stderr.write(text);
    return EXIT.usage;
  }
  const command = await find(name === 'help' ? (rest[0] ?? '') : name, stray);
  if (help || name === 'help') return print(helpOf(command, columns));
  const { line, options } = readLine(command, rest);
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort(new Error('interrupted')));
  process.once('SIGTERM', () => interrupt.abort(new Error('ended')));
  try {
    return await command.run(line, terminalOf(options, interrupt.signal));
  } catch (error) {
    if (interrupt.signal.aborted) return EXIT.interrupted;
    throw error;
  }
}

/** @param stray - an unknown option. Where it is like a global one, the word after it is its value and not a command. */
async function find(name: string, stray: string | undefined): Promise<Command> {
  const entry = COMMANDS.find((command) => command.name === name);
  if (entry === undefined) {
    if (stray !== undefined && spellingsLike(stray, GLOBAL_OPTIONS).length > 0) throw strayOption(stray);
    const shown = (await loadAll()).filter((command) => command.group !== undefined).map((command) => command.name);
    const near = shown.filter((one) => isMisspelt(name, [one]) || (name.length > 2 && one.startsWith(name)));
    throw new UsageError(`There is no command '${name}'.${nearest(name, near)}`);
  }
  return entry.load();
}

function terminalOf(options: GlobalOptions, signal: AbortSignal): Terminal {
  const debug = options.debug || setting(process.env, 'DEBUG') === '1';
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

/** The command that shows help for a line: that of its command, if the line names one. */
function helpFor(args: readonly string[]): string {
  const { name } = findCommand(args);
  return COMMANDS.some((command) => command.name === name) ? `ekspress ${name} --help` : 'ekspress --help';
}

// The reader of the output may close it early (`ekspress status | head`).
process.stdout.on('error', endOfOutput);

function endOfOutput(error: NodeJS.ErrnoException): never {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  process.stderr.write(`ekspress: The output could not be written (${error.code ?? error.message}).\n`);
  process.exit(EXIT.failure);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const debug = process.argv.includes('--debug') || setting(process.env, 'DEBUG') === '1';
  process.exitCode = explain(error, {
    write: (text) => process.stderr.write(text),
    columns: screenOf(process.stderr).columns,
    debug,
    help: helpFor(process.argv.slice(2)),
    kubeconfig: valuesAmong(process.argv.slice(2), 'kubeconfig').at(-1),
  });
}
// All output is written. The process does not wait for open connections or for timers of libraries.
process.stdout.write('', () => {
  if (process.stdout.errored) endOfOutput(process.stdout.errored);
  process.stderr.write('', () => process.exit());
});
