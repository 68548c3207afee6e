import { programName } from '../../plugin/portable-script.ts';
import type { EKSAuthConfig } from './eks-auth-config.ts';
import { readExecConfig } from './parse-exec-config.ts';

/** The login of a program that runs `aws` with other credentials. Only that program knows until when it lasts. */
export interface RunnerLogin {
  readonly command: readonly string[];
  /** Where the program keeps it, in words. */
  readonly keptIn: string;
}

/** Such a program in a stanza: its words up to the command that it runs, and the stanza's last word. */
interface Runner {
  readonly words: readonly string[];
  readonly check: readonly string[];
  /** The command that it runs is one word: `assume admin --exec "aws …"`. */
  readonly oneWord: boolean;
}

/** The logins of the programs whose documentation says how they log in. Each does nothing while its login lasts. */
const LOGINS: ReadonlyMap<string, (runner: Runner) => RunnerLogin> = new Map([
  ['aws-vault', vaultLogin],
  ['assume', (runner: Runner) => ({ command: checking(runner), keptIn: 'the keychain that Granted uses' })],
  ['granted', (runner: Runner) => ({ command: checking(runner), keptIn: 'the keychain that Granted uses' })],
  ['op', (runner: Runner) => ({ command: checking(runner), keptIn: '1Password' })],
  ['saml2aws', samlLogin],
  ['aws-sso', identityCenterLogin],
]);

/**
 * The login of the program that runs the `aws` of a configuration.
 * @returns undefined where `aws` runs by itself, and for a program whose login is not known
 */
export function runnerLogin({ command, exec }: EKSAuthConfig): RunnerLogin | undefined {
  const [program = ''] = command.through ?? [];
  const check = [command.command, ...(command.tool === 'aws' ? ['sts', 'get-caller-identity'] : ['version'])];
  const oneWord = (exec.args.at(-1) ?? '').startsWith(`${command.command} `);
  return LOGINS.get(programName(program))?.({ words: command.through ?? [], check, oneWord });
}

/**
 * The configuration without `aws2-wrap`, which runs `aws` with the SSO login of the AWS CLI itself.
 * @returns undefined for any other program
 */
export function withoutRunner({ command, exec }: EKSAuthConfig): EKSAuthConfig | undefined {
  const { through = [] } = command;
  if (programName(through[0] ?? '') !== 'aws2-wrap') return undefined;
  const profile = optionOf('--profile', through);
  const env = profile === undefined ? exec.env : exec.env.with([{ name: 'AWS_PROFILE', value: profile }]);
  return readExecConfig({ command: command.command, args: command.args, env });
}

/** Programs that log in when they run something: what they run only needs credentials. */
function checking({ words, check, oneWord }: Runner): readonly string[] {
  return [...words, ...(oneWord ? [check.join(' ')] : check)];
}

function vaultLogin(runner: Runner): RunnerLogin {
  // The words of `aws-vault exec acme --` come without their end.
  const words = runner.words.at(-1) === '--' ? runner.words : [...runner.words, '--'];
  return { command: checking({ ...runner, words }), keptIn: 'the keychain that aws-vault uses' };
}

function samlLogin({ words: [program = '', , ...flags] }: Runner): RunnerLogin {
  const kept: string[] = [];
  for (let at = 0; at < flags.length; at += 1) {
    const flag = flags[at] ?? '';
    if (flag === '--exec-profile') at += 1;
    else if (flag !== '--' && !flag.startsWith('--exec-profile=')) kept.push(flag);
  }
  const file = optionOf('--credentials-file', kept) ?? 'the AWS credentials file';
  return { command: [program, 'login', ...kept], keptIn: file };
}

function identityCenterLogin({ words }: Runner): RunnerLogin {
  const instance = optionOf('--sso', words) ?? optionOf('-S', words);
  const named = instance === undefined ? [] : ['--sso', instance];
  return { command: [words[0] ?? '', 'login', ...named], keptIn: 'the secure store of aws-sso' };
}

function optionOf(flag: string, words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
  return at === -1 ? undefined : words[at] === flag ? words[at + 1] : words[at]?.slice(flag.length + 1);
}
