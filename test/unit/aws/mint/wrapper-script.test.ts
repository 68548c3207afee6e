import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MintFacts } from '../../../../src/aws/context/mint-context.ts';
import { MintMemory } from '../../../../src/aws/context/mint-memory.ts';
import { parseExecConfig } from '../../../../src/aws/stanza/parse-exec-config.ts';
import { hostFrom } from '../../../../src/host.ts';
import { makeHome, type World } from '../../../support/aws-home.ts';
import { mintInProcess } from '../../../support/mint-in-process.ts';

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'hush/hush+hush', AWS_REGION: 'us-west-2' };

const PIP = `#!/opt/venv/bin/python3
# Copyright 2012 Amazon.com, Inc. or its affiliates. All Rights Reserved.
import sys
import os

if os.environ.get('LC_CTYPE', '') == 'UTF-8':
    os.environ['LC_CTYPE'] = 'en_US.UTF-8'
import awscli.clidriver


def main():
    return awscli.clidriver.main()


if __name__ == '__main__':
    sys.exit(main())
`;
const BINARY = '\x7fELF\x02\x01\x01\0\0\0\0\0\0\0';
const PYENV = `#!/usr/bin/env bash
set -e
[ -n "$PYENV_DEBUG" ] && set -x

program="\${0##*/}"

export PYENV_ROOT="/root/.pyenv"
SHIM_PATH=\${0%/*}
if [[ $SHIM_PATH != "/root/.pyenv/shims" ]]; then
  export _PYENV_SHIM_PATH="$SHIM_PATH"
fi
exec "/root/.pyenv/libexec/pyenv" exec "$program" "$@"
`;
const OLD_PYENV = `#!/usr/bin/env bash
set -e
[ -n "$PYENV_DEBUG" ] && set -x

program="\${0##*/}"
if [[ "$program" = "python"* ]]; then
  for arg; do
    case "$arg" in
    -c* | -- ) break ;;
    */* )
      if [ -f "$arg" ]; then
        export PYENV_FILE_ARG="$arg"
        break
      fi
      ;;
    esac
  done
fi

export PYENV_ROOT="/Users/me/.pyenv"
exec "/opt/homebrew/opt/pyenv/bin/pyenv" exec "$program" "$@"
`;

/** What installers put in place, by the way of the AWS CLI onto a machine. */
const INSTALLED: Readonly<Record<string, string>> = {
  'the v2 installer, or snap, or mise: a link to a binary': BINARY,
  'pip, pipx, Debian, Homebrew, conda': PIP,
  'pip in a folder with a long name': PIP.replace(/^.*\n/, `#!/bin/sh\n'''exec' "/a/b c/python" "$0" "$@"\n' '''\n`),
  'pip, in a copy to work on':
    "#!/usr/bin/env python\n__import__('pkg_resources').run_script('awscli==1.45.11', 'aws')\n",
  'pip on Windows': `@echo OFF\nREM="""\nsetlocal\ngoto exit\nREM """\nimport sys\nimport awscli.clidriver\n`,
  pyenv: PYENV,
  'an older pyenv': OLD_PYENV,
  asdf: `#!/usr/bin/env bash\n# asdf-plugin: awscli 2.9.0\nexec /home/me/.asdf/bin/asdf exec "aws" "$@" # asdf_allow: ' asdf '\n`,
  'asdf 0.16': '#!/usr/bin/env bash\n# asdf-plugin: awscli 2.9.0\nexec asdf exec "aws" "$@"\n',
};

/** What people write, each of which may make its caller somebody else. */
const WRITTEN: Readonly<Record<string, string>> = {
  'another profile': '#!/bin/sh\nAWS_PROFILE=other exec /usr/bin/aws "$@"\n',
  'another profile, exported': '#!/bin/bash\nexport AWS_PROFILE=other\nexec /usr/bin/aws "$@"\n',
  'another profile behind a PATH': '#!/bin/sh\nexport PATH=/opt/bin:$PATH AWS_PROFILE=other\nexec /usr/bin/aws "$@"\n',
  'other keys': '#!/bin/sh\nexec aws-vault exec prod -- /usr/bin/aws "$@"\n',
  'another way to other keys': '#!/bin/sh\nexec corp-run /usr/bin/asdf exec aws "$@"\n',
  'a container': '#!/bin/sh\nexec docker run --rm -it -v ~/.aws:/root/.aws amazon/aws-cli "$@"\n',
  'words of its own': '#!/bin/sh\nexec /usr/bin/aws --profile other "$@"\n',
  'something before': '#!/bin/sh\n. /etc/corp/aws-env\nexec /usr/bin/aws "$@"\n',
  'a command in a value': '#!/bin/sh\nPATH=$(corp-path)\nexec /usr/bin/aws "$@"\n',
  'a manager that runs something else': '#!/bin/sh\nexec mise exec corp -- aws "$@"\n',
  'a token of its own': '#!/bin/sh\ncurl -s https://tokens.corp/eks\n',
  'no first line': 'AWS_PROFILE=other exec /usr/bin/aws "$@"\n',
  'Python of its own': '#!/usr/bin/python3\nimport subprocess, sys\nsubprocess.run(["/usr/bin/aws", *sys.argv[1:]])\n',
  'Python around the CLI': PIP.replace('import awscli', "os.environ['AWS_PROFILE'] = 'other'\nimport awscli"),
  'Python with words of its own': PIP.replace('def main', "sys.argv[1:1] = ['--profile', 'other']\n\ndef main"),
  'Python somewhere below': `#!/bin/sh\naws-login\n/opt/python - "$@" <<END\n${PIP}END\n`,
  'more than anybody reads': `#!/bin/sh\n${'# \n'.repeat(5_000)}exec /usr/bin/aws "$@"\n`,
  'an archive behind a first line': `#!/usr/bin/env python3\nPK\x03\x04\0\0\0`,
};

async function install(world: World, text: string, name = 'aws'): Promise<string> {
  const path = join(world.path, 'bin', name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, Buffer.from(text, 'latin1'));
  await chmod(path, 0o755);
  return path;
}

async function mintWith(world: World, command: string, extra: Partial<MintFacts> = {}) {
  const config = parseExecConfig({
    command,
    args: ['eks', 'get-token', '--cluster-name', 'c', '--region', 'us-west-2'],
  });
  const host = hostFrom({ env: { ...world.env, PATH: join(world.path, 'bin') } });
  return mintInProcess({ config, host, ...extra });
}

describe('the AWS CLI', () => {
  it.each(Object.entries(INSTALLED))('is known by what its file is: %s', async (_, text) => {
    const world = await makeHome({}, KEYS);
    const path = await install(world, text);
    for (const command of ['aws', path]) expect(await mintWith(world, command)).toMatchObject({ kind: 'minted' });
  });

  it('is found behind a script that only hands on to it', async () => {
    const world = await makeHome({}, KEYS);
    const real = await install(world, PIP, 'libexec/.aws-wrapped');
    const nix = `#! /nix/store/x-bash/bin/bash -e\nPATH=\${PATH:+':'$PATH':'}\nexport PATH\nexport PYTHONNOUSERSITE='true'\nexec -a "$0" "${real}"  "$@"\n`;
    const brew = `#!/bin/bash\nPYTHONPATH="/opt/lib" exec "${await install(world, nix, 'libexec/aws')}"  "$@"\n`;
    await install(world, brew);
    expect(await mintWith(world, 'aws')).toMatchObject({ kind: 'minted' });
    await install(world, WRITTEN['another profile'] ?? '', 'libexec/.aws-wrapped');
    expect(await mintWith(world, 'aws')).toMatchObject({ kind: 'undecided' });
  });

  it('is not found where two scripts hand on to each other, and the search ends', async () => {
    const world = await makeHome({}, KEYS);
    await install(world, `#!/bin/sh\nexec "${world.path}/bin/other/aws" "$@"\n`);
    await install(world, `#!/bin/sh\nexec "${world.path}/bin/aws" "$@"\n`, 'other/aws');
    expect(await mintWith(world, 'aws')).toMatchObject({ kind: 'undecided' });
  });

  it('is its newest release where none is installed', async () => {
    expect(await mintWith(await makeHome({}, KEYS), 'aws')).toMatchObject({ kind: 'minted' });
  });
});

describe('a foreign script with the name aws', () => {
  it.each(Object.entries(WRITTEN))('decides itself: %s', async (_, text) => {
    const world = await makeHome({}, KEYS);
    const path = await install(world, text);
    const reason = expect.stringContaining('script of its own kind');
    for (const command of ['aws', path]) {
      expect(await mintWith(world, command)).toEqual({ kind: 'undecided', reason });
    }
  });

  it('decides itself also behind a link, and behind our own plugin', async () => {
    const world = await makeHome({}, KEYS);
    const real = await install(world, WRITTEN['another profile'] ?? '', 'corp-aws');
    await symlink(real, join(world.path, 'bin/aws'));
    const args = ['aws', 'eks', 'get-token', '--cluster-name', 'c'];
    const config = parseExecConfig({ command: '/opt/ekspress-exec', args });
    const host = hostFrom({ env: { ...world.env, PATH: join(world.path, 'bin') } });
    expect(await mintInProcess({ config, host })).toMatchObject({ kind: 'undecided' });
  });

  it('decides itself also with the name aws-iam-authenticator', async () => {
    const world = await makeHome({}, KEYS);
    const path = await install(world, BINARY, 'aws-iam-authenticator');
    const config = parseExecConfig({ command: path, args: ['token', '-i', 'c', '--region', 'eu-west-2'] });
    const request = { config, host: hostFrom({ env: world.env }) };
    expect(await mintInProcess(request)).toMatchObject({ kind: 'minted' });
    await install(world, '#!/bin/sh\nexec /opt/aws-iam-authenticator "$@" --role x\n', 'aws-iam-authenticator');
    expect(await mintInProcess(request)).toMatchObject({ kind: 'undecided' });
  });

  it('decides itself from the moment it takes the place of the CLI', async () => {
    const world = await makeHome({}, KEYS);
    const memory = new MintMemory();
    await install(world, PIP);
    expect(await mintWith(world, 'aws', { memory })).toMatchObject({ kind: 'minted' });
    await install(world, WRITTEN['another profile'] ?? '');
    expect(await mintWith(world, 'aws', { memory })).toMatchObject({ kind: 'undecided' });
  });

  it('has no say in keys that the caller brings, nor where the caller says which CLI is meant', async () => {
    const world = await makeHome({}, KEYS);
    await install(world, WRITTEN['another profile'] ?? '');
    expect(await mintWith(world, 'aws', { ownKeys: true })).toMatchObject({ kind: 'minted' });
    const args = ['eks', 'get-token', '--cluster-name', 'c', '--region', 'us-west-2'];
    const config = parseExecConfig({ command: 'aws', args }, { cliVersion: 'v2' });
    expect(await mintWith(world, 'aws', { config })).toMatchObject({ kind: 'minted' });
  });
});
