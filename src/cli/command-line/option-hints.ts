import { isMisspelt, suggestNames } from '../../text/nearest-names.ts';
import type { Command } from '../command.ts';
import { GLOBAL_OPTIONS, type Options } from './options.ts';

/** Options of other tools, and what stands for them here. */
const ELSEWHERE: Readonly<Record<string, readonly [option: string, spelling: string]>> = {
  json: ['output', '-o json'],
  yaml: ['output', '-o yaml'],
  format: ['output', '-o FORMAT'],
  force: ['yes', '--yes'],
  verbose: ['debug', '--debug'],
  file: ['kubeconfig', '--kubeconfig FILE'],
  f: ['kubeconfig', '--kubeconfig FILE'],
  'kube-context': ['context', '--context NAME'],
  cluster: ['context', '--context NAME'],
  'cluster-name': ['context', '--context NAME'],
  name: ['context', '--context NAME'],
  A: ['all', '--all'],
  a: ['all', '--all'],
  w: ['watch', '--watch'],
};

/** The long name of a global option, also if its letter is given. Undefined for any other option. */
export function globalName(name: string): string | undefined {
  if (Object.hasOwn(GLOBAL_OPTIONS, name)) return name;
  return Object.entries(GLOBAL_OPTIONS).find(([, option]) => 'short' in option && option.short === name)?.[0];
}

/** What leads from an option that the command does not have to what there is. Empty if nothing does. */
export function optionHint(name: string, rawName: string, known: Options, instead: Command['instead'] = {}): string {
  const own = [name, globalName(name) ?? '', ELSEWHERE[name]?.[0] ?? ''].find((one) => Object.hasOwn(instead, one));
  if (own !== undefined) return ` ${instead[own]}`;
  const [option, spelling] = (Object.hasOwn(ELSEWHERE, name) && ELSEWHERE[name]) || [];
  if (option !== undefined && Object.hasOwn(known, option)) return ` Did you mean "${spelling}"?`;
  return nearest(rawName, spellingsLike(rawName, known));
}

/** The options in the same form that this one may be a slip for: long ones, or short ones that differ in the case only. */
export function spellingsLike(rawName: string, options: Options): string[] {
  if (rawName.startsWith('--')) {
    const name = rawName.slice(2);
    const near = (one: string) =>
      isMisspelt(name, [one]) || (name.length > 2 && (one.includes(name) || name.includes(one)));
    return Object.keys(options)
      .filter(near)
      .map((one) => `--${one}`);
  }
  const shorts = Object.values(options).flatMap(({ short }) => (short === undefined ? [] : [`-${short}`]));
  return shorts.filter((one) => one.toLowerCase() === rawName.toLowerCase());
}

/** ` Did you mean "a"?`. Empty if no name is similar. */
export function nearest(wanted: string, all: readonly string[]): string {
  const suggestion = String(suggestNames(wanted, all));
  return suggestion.startsWith(' Did') ? suggestion : '';
}
