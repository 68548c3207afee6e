/** What cmd.exe and batch files read as more than text, alone and around a command: made of its grammar. */
const OPERATORS = ['&', '&&', '|', '||', ';', ',x;', '\n', '\r\n', '^&', '"&', '"&"', '"|"', ')&', '(&)', '%&', '!&'];
const REDIRECTIONS = ['>', '>>', '<', '2>', '2>>', '1>&2>', '^>', '">', '">"', '<&0>'];
const VARIABLES = ['PATH', 'USERNAME', 'COMSPEC', 'CD', 'ERRORLEVEL', 'RANDOM', 'PATHEXT', 'CMDCMDLINE', '__APPDIR__'];
const FORMS = [
  (name: string) => `%${name}%`,
  (name: string) => `%${name}:~0,1%`,
  (name: string) => `%${name}:a=b%`,
  (name: string) => `!${name}!`,
  (name: string) => `!${name}:~-1!`,
  (name: string) => `"%${name}%"`,
  (name: string) => `^%${name}^%`,
  (name: string) => `%%${name}%%`,
];
const PARAMETERS = ['%0', '%1', '%*', '%~dp0', '%~f1', '%~$PATH:1', '%%i', '%~nx0', '%2%', '%~1'];
const QUOTES = ['"', '""', '"""', '\\"', '\\\\"', '^"', '"^', "'", '`', '“x”', '"x', 'x"', '" "', '"\\', 'x\\'];
const CONTROL = [
  '\t',
  '\v',
  '\f',
  '\b',
  '\u001a',
  '\u001b[31m',
  '\u0007',
  '\u2028',
  '\u0085',
  '\u00a0',
  '\ufeff',
  '\u202e',
];
const OTHERS = [
  '~',
  '$x',
  '$(x)',
  '*',
  '?',
  '[x]',
  '{x}',
  '(',
  ')',
  '@(x)',
  '#',
  '<',
  '>',
  '|',
  '&',
  '^',
  '^^',
  '!',
  '%',
  ';',
];
const FULL_WIDTH = ['＂', '＆', '｜', '％', '＞', '＜', '＾', 'ｘ&', '‘&’', '＂&＂'];

/** Words of a kubeconfig of a stranger: each would do something if cmd.exe read it. `command` is what it would run. */
export function cmdWords(command: string): readonly string[] {
  const words = [
    ...OPERATORS.flatMap((operator) => [`x${operator}${command}`, `${operator}${command}${operator}`]),
    ...REDIRECTIONS.flatMap((sign) => [`x${sign}made`, `${command}${sign}made`]),
    ...VARIABLES.flatMap((name) => FORMS.map((form) => form(name))),
    ...[...PARAMETERS, ...QUOTES, ...CONTROL, ...OTHERS].map((text) => `x${text}`),
    ...[...QUOTES, ...FULL_WIDTH].map((text) => `${text}&${command}`),
  ];
  // A process is given no NUL, and a word without a special character is another test's.
  return [...new Set(words)].filter((word) => !word.includes('\0'));
}
