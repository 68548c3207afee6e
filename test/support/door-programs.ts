/**
 * The programs that a clone's two commands may count on, beside `node`: npm, git, sh and coreutils. Names of GNU
 * coreutils that a system lacks are left out there, and tests that need those are for systems that have them.
 */
export const DOOR: readonly string[] = [
  ...['npm', 'npx', 'git', 'sh'],
  ...['[', 'base64', 'basename', 'cat', 'chgrp', 'chmod', 'chown', 'cksum', 'comm', 'cp', 'cut', 'date', 'dd', 'df'],
  ...['dirname', 'du', 'echo', 'env', 'expand', 'expr', 'false', 'fold', 'head', 'id', 'install', 'join', 'link'],
  ...['ln', 'logname', 'ls', 'md5sum', 'mkdir', 'mkfifo', 'mknod', 'mktemp', 'mv', 'nice', 'nl', 'nohup', 'nproc'],
  ...['od', 'paste', 'pathchk', 'pr', 'printenv', 'printf', 'pwd', 'readlink', 'realpath', 'rm', 'rmdir', 'seq'],
  ...['sha1sum', 'sha256sum', 'shred', 'shuf', 'sleep', 'sort', 'split', 'stat', 'stdbuf', 'stty', 'sum', 'sync'],
  ...['tac', 'tail', 'tee', 'test', 'timeout', 'touch', 'tr', 'true', 'truncate', 'tsort', 'tty', 'uname', 'unexpand'],
  ...['uniq', 'unlink', 'wc', 'who', 'whoami', 'yes'],
];
