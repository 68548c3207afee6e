import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { expectOwnWords, isDebugged } from '../../support/own-words.ts';

/** What Node really prints for a program. */
async function stderrOf(program: string): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  await once(child, 'close');
  return stderr;
}

describe('the stderr of our programs', () => {
  it.each([
    ['a warning of Node', `process.emitWarning('x', 'MaxListenersExceededWarning')`],
    ['a deprecation', `process.emitWarning('x', 'DeprecationWarning', 'DEP0000')`],
    ['an error that nothing catches', `throw new Error('x')`],
    ['a promise that nothing catches', `Promise.reject('x')`],
    ['a word of the AWS SDK', `console.error('NodeVersionSupportWarning: The AWS SDK for JavaScript (v3)')`],
    ['a line of the log', `console.error('[WARN] no new token {}')`],
    ['a stack', `try { null.x } catch (error) { console.error(error.stack.split('\\n').slice(1).join('\\n')) }`],
  ])('is told from foreign words: %s', async (_, program) => {
    const stderr = await stderrOf(program);
    expect(() => expectOwnWords(`ekspress: no\n${stderr}`)).toThrow('On stderr stands what no user is to see');
  });

  it('may hold the log and stacks where they are asked for, and never warnings of Node', () => {
    const debugged = isDebugged({ EKS_TOKEN_DEBUG: '1' });
    expect(isDebugged({}, ['token', '--debug'])).toEqual(debugged);
    expectOwnWords('[WARN] no new token {}\n    at run (file:///a.js:1:2)\n', debugged);
    expect(() => expectOwnWords('(node:1) Warning: x\n', debugged)).toThrow('(node:1) Warning: x');
    expect(isDebugged({}, ['token'])).toEqual({ debug: false });
  });

  it('may hold our own words, and those of other programs', () => {
    expectOwnWords('ekspress: no credentials at all.\n  Run `aws sso login`.\nAn error occurred (ExpiredToken)\n');
  });
});
