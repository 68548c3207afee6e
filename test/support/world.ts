import { chmodSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { bearerOf, type HashingAWS, hashOf, secretOf } from './hashing-aws.ts';
import { PATH } from './paths.ts';
import { originalCommand, processKeys } from './world-programs.ts';

/** What all worlds of a run share. */
export interface Surroundings {
  /** Two AWS that answer the same requests differently. */
  readonly one: HashingAWS;
  readonly two: HashingAWS;
  /** The certificate of the authority behind the proxies of both. */
  readonly certificate: string;
}

/** Sections of an INI file, with their keys. */
export type Sections = Record<string, Record<string, string>>;

/** A date that an archive has given to all of its files. */
export const GIVEN = 1_700_000_000;

export const ROLE = 'arn:aws:iam::123456789012:role/';

/** The id of the access key that is called so. */
export function keyOf(name: string): string {
  return `AKIA${hashOf('key', name)}`;
}

/** The keys of a section. */
export function keysOf(name: string): Record<string, string> {
  const secret = secretOf(keyOf(name));
  return { aws_access_key_id: keyOf(name), aws_secret_access_key: secret };
}

/** What decides a token, as one person finds it: a home, an environment and a command line. */
export class World {
  readonly root: string;
  readonly surroundings: Surroundings;
  /** Those of the credentials file, and of the config file. */
  credentials: Sections = {};
  config: Sections = {};
  /** Where the two lie. */
  credentialsPath: string;
  configPath: string;
  env: Record<string, string>;
  /** After the command. */
  args: string[] = [];
  command = 'aws';
  keyEnv: string[] = [];
  cwd: string;
  /** How it was made and what has happened since, without secrets. */
  readonly story: string[] = [];
  readonly traits: Set<string> = new Set();
  /** Whether files get the date of an hour ago, as before the first question, or the present one. */
  young = false;
  #dated = 0;

  constructor(root: string, surroundings: Surroundings) {
    this.root = root;
    this.surroundings = surroundings;
    for (const folder of ['home/.aws', 'bin', 'more', 'w']) mkdirSync(join(root, folder), { recursive: true });
    this.cwd = join(root, 'w');
    this.credentialsPath = join(this.home, '.aws/credentials');
    this.configPath = join(this.home, '.aws/config');
    const path = [join(root, 'bin'), join(root, 'more'), PATH].join(':');
    this.env = { HOME: this.home, PATH: path, AWS_EC2_METADATA_DISABLED: 'true' };
  }

  get home(): string {
    return this.env?.HOME ?? join(this.root, 'home');
  }

  has(trait: string): boolean {
    return this.traits.has(trait);
  }

  /** Sets a variable, or removes it. */
  set(name: string, value: string | undefined): void {
    if (value === undefined) delete this.env[name];
    else this.env[name] = value;
  }

  /** The value of an option of the command line; undefined removes it. */
  option(name: string, value: string | undefined): void {
    const at = this.args.indexOf(`--${name}`);
    if (at >= 0) this.args.splice(at, 2);
    if (value !== undefined) this.args.push(`--${name}`, value);
  }

  /** Writes a file below the home, or at an absolute path, in a new place on the disk. */
  write(path: string, text: string, mode = 0o600): string {
    const file = isAbsolute(path) ? path : join(this.home, path);
    mkdirSync(dirname(file), { recursive: true });
    rmSync(file, { force: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
    if (!this.young) this.age(file);
    return file;
  }

  /** Dates a file as one that was written about an hour ago, each at another moment. */
  age(file: string): void {
    this.#dated += 1;
    const at = Date.now() / 1000 - 3600 - this.#dated * 7.123_457;
    utimesSync(file, at, Math.floor(at) + 0.357_123);
  }

  /** Gives a file the date that all files of an archive have. */
  giveDate(file: string): void {
    utimesSync(file, GIVEN, GIVEN);
  }

  link(path: string, target: string): void {
    const file = isAbsolute(path) ? path : join(this.home, path);
    mkdirSync(dirname(file), { recursive: true });
    rmSync(file, { force: true });
    symlinkSync(target, file);
  }

  saveCredentials(): void {
    this.write(this.credentialsPath, ini(this.credentials));
  }

  saveConfig(): void {
    this.write(this.configPath, ini(this.config));
  }

  save(): void {
    if (Object.keys(this.credentials).length > 0) this.saveCredentials();
    if (Object.keys(this.config).length > 0) this.saveConfig();
  }

  /** Installs an `aws` that counts as the AWS CLI of this generation, and whose tokens name the installation. */
  installAWS(folder: string, version: '1.45.11' | '2.36.7', tag: string = version): void {
    const python = join(this.root, folder, 'python');
    const original = originalCommand(version, `cli ${tag}`, '~/.aws/config ~/.aws/credentials');
    this.write(python, `#!/bin/sh\nshift\n${original}\n`, 0o755);
    // As pip writes it where the path of Python is long.
    const program = `#!/bin/sh\n'''exec' '${python}' "$0" "$@"\n' '''\nimport awscli.clidriver\n`;
    this.write(join(this.root, folder, 'aws'), program, 0o755);
    this.story.push(`aws ${version} in ${folder}`);
  }

  /** Installs an `aws` that is a script of a person's own. */
  installWrapper(folder: string, tag: string): void {
    this.write(join(this.root, folder, 'aws'), `#!/bin/sh\n${originalCommand('2.36.7', `wrapper ${tag}`)}\n`, 0o755);
  }

  /** Installs a program for credential_process. */
  installKeys(folder: string, tag: string): string {
    return this.write(join(this.root, folder, 'keys'), processKeys(tag), 0o755);
  }

  /** A login as `aws sso login` leaves it. */
  ssoLogin(name: string, person: string, edition = 1, seconds = 7200): void {
    const bearer = bearerOf(person, edition);
    const end = (more: number) => `${new Date(Date.now() + more * 1000).toISOString().slice(0, 19)}Z`;
    const client = { clientId: 'client', clientSecret: 'EXAMPLEKEY', registrationExpiresAt: end(90_000) };
    const text = { startUrl: START_URL, region: 'us-east-1', accessToken: bearer, expiresAt: end(seconds) };
    this.write(`.aws/sso/cache/${name}.json`, JSON.stringify({ ...text, ...client, refreshToken: bearer }));
  }

  /** Credentials as the CLI keeps them. */
  cliCache(path: string, accessKeyId: string, seconds = 3600): void {
    const Expiration = `${new Date(Date.now() + seconds * 1000).toISOString().slice(0, 19)}Z`;
    const keys = { AccessKeyId: accessKeyId, SecretAccessKey: secretOf(accessKeyId), SessionToken: 'EXAMPLEKEY' };
    const user = { AssumedRoleId: 'AROAX:s', Arn: 'arn:aws:sts::123456789012:assumed-role/r/s' };
    this.write(path, JSON.stringify({ Credentials: { ...keys, Expiration }, AssumedRoleUser: user }));
  }
}

export const START_URL = 'https://corp.awsapps.com/start';

export function ini(sections: Sections): string {
  return Object.entries(sections)
    .map(
      ([name, keys]) =>
        `[${name}]\n${Object.entries(keys)
          .map(([key, value]) => `${key} =${value.startsWith('\n') ? '' : ' '}${value}\n`)
          .join('')}`,
    )
    .join('');
}
