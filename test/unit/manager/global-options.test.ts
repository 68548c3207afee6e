import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/cli/command.ts';
import { readCommandLine } from '../../../src/cli/global-options.ts';

describe('global options', () => {
  it.each([
    ['status --kubeconfig x -o json --debug'],
    ['--kubeconfig x -o json --debug status'],
    ['--debug --kubeconfig=x status --output=json'],
    ['-ojson status --kubeconfig x --debug'],
    ['-o=json --debug --kubeconfig x status'],
  ])('mean the same before and after the command: %s', (line) => {
    expect(readCommandLine(line.split(' '))).toEqual({
      command: 'status',
      words: [],
      options: { kubeconfig: 'x', output: 'json', debug: true },
      help: false,
      version: false,
    });
  });

  it('leave the options of the command to it, also those before it', () => {
    const { command, words } = readCommandLine(['--dry-run', 'apply', 'dev', '--yes']);
    expect([command, words]).toEqual(['apply', ['--dry-run', 'dev', '--yes']]);
  });

  it("leave everything behind -- alone: it is another program's", () => {
    const { words, options, help } = readCommandLine([
      'token',
      '--raw',
      '--',
      'aws',
      '--debug',
      '-o',
      'json',
      '--help',
    ]);
    expect(words).toEqual(['--raw', '--', 'aws', '--debug', '-o', 'json', '--help']);
    expect([options.output, options.debug, help]).toEqual(['table', false, false]);
  });

  it.each([[['-o', 'xml']], [['-o']], [['--kubeconfig']], [['--kubeconfig=']]])('refuse %j', (line) => {
    expect(() => readCommandLine(line)).toThrow(UsageError);
  });
});
