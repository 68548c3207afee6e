/** A way to reach AWS: variables, files of the home directory, and where STS is. */
export interface Situation {
  /** `null` removes a variable. */
  readonly env: Readonly<Record<string, string | null>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly endpoint?: string;
  readonly args?: readonly string[];
}

const PLAIN = 'http://localhost:{PLAIN}';

const https = (address: string): Situation => ({ env: { HTTPS_PROXY: address } });
const login = (name: string): Situation => https(`http://${name}@127.0.0.1:{P1}`);
const past = (noProxy: string, more: Omit<Situation, 'env'> = {}): Situation => ({
  env: { HTTPS_PROXY: 'http://127.0.0.1:{P1}', HTTP_PROXY: 'http://127.0.0.1:{P1}', NO_PROXY: noProxy },
  ...more,
});

const ADDRESSES = {
  'a URL': 'http://127.0.0.1:{P1}',
  'no scheme': '127.0.0.1:{P1}',
  'a name without a scheme': 'localhost:{P1}',
  'two slashes': '//127.0.0.1:{P1}',
  'a scheme in capitals': 'HTTP://127.0.0.1:{P1}',
  'a scheme with a capital': 'Https://localhost:{TLS}',
  https: 'https://localhost:{TLS}',
  'https where http is spoken': 'https://localhost:{P1}',
  'a slash at the end': 'http://127.0.0.1:{P1}/',
  'a path': 'http://127.0.0.1:{P1}/path?x=1',
  'a fragment': 'http://127.0.0.1:{P1}#part',
  'a blank before': ' http://127.0.0.1:{P1}',
  'a blank behind': 'http://127.0.0.1:{P1} ',
  'a carriage return behind': 'http://127.0.0.1:{P1}\r',
  'a line feed behind': 'http://127.0.0.1:{P1}\n',
  'one slash': 'http:/127.0.0.1:{P1}',
  'no slash': 'http:127.0.0.1:{P1}',
  quotes: '"http://127.0.0.1:{P1}"',
  socks5: 'socks5://127.0.0.1:{P1}',
  socks5h: 'socks5h://127.0.0.1:{P1}',
  socks4a: 'socks4a://127.0.0.1:{P1}',
  socks: 'socks://127.0.0.1:{P1}',
  ftp: 'ftp://127.0.0.1:{P1}',
  'a short address': 'http://127.1:{P1}',
  'an address as one number': 'http://2130706433:{P1}',
  'a name in capitals': 'http://LOCALHOST:{P1}',
  'a port with a zero before': 'http://127.0.0.1:0{P1}',
  'no port': 'http://127.0.0.1',
  'an empty port': 'http://127.0.0.1:',
  'no host': 'http://:{P1}',
  'a port too large': 'http://127.0.0.1:99999',
  'a port that is a word': 'http://127.0.0.1:port',
  'nothing but a scheme': 'http://',
  'a blank': ' ',
  false: 'false',
};

const LOGINS = {
  'a name and a password': 'me:secret',
  'an at sign, escaped': 'me:p%40ss',
  'an at sign': 'me:p@ss',
  'a colon': 'me:p:ss',
  'a percent sign': 'me:100%',
  'a percent sign before letters': 'me:p%zzss',
  'a percent sign before one digit': 'me:p%4',
  'an empty password': 'me:',
  'no password': 'me',
  'no name': ':secret',
  'letters beyond ASCII': 'me:pässwörd',
  'letters beyond ASCII, escaped': 'm%C3%A9:secret',
  'bytes that are not UTF-8, escaped': 'me:p%E4ss',
  'a plus sign': 'me:p+ss',
  'a hash': 'me:p#ss',
  'a slash': 'me:p/ss',
  'a question mark': 'me:p?ss',
  'a backslash': 'DOMAIN\\me:secret',
  'a backslash, escaped': 'DOMAIN%5Cme:secret',
  'a blank in it': 'me:p ss',
  'a blank in it, escaped': 'me:p%20ss',
  'a bracket': 'me:p[ss',
  brackets: 'me:p[s]s',
  'a double quote': 'me:p"ss',
  'angles and a backtick': 'me:p<s>`s',
  'braces and a caret': 'me:p{s}|^s',
  'an escaped line feed': 'me:p%0Ass',
  'an address of mail as name': 'me%40example.com:secret',
  'a semicolon and an equals sign': 'me;a=b:secret',
  'a dollar sign and an ampersand': 'me:p$s&s!*',
};

const NO_PROXY: Readonly<Record<string, Situation>> = {
  'the host': past('localhost'),
  'the host in capitals': past('LOCALHOST'),
  'a domain with a dot': past('.localhost'),
  'a part of the name': past('ocalhost'),
  'a star': past('*'),
  'a star in a list': past('a,*'),
  'a star with blanks': past(' * '),
  'a star and a domain': past('*.localhost'),
  'a star before the name': past('*localhost'),
  'two with a blank': past('a, localhost'),
  'two without a comma': past('a localhost'),
  'two with a semicolon': past('a;localhost'),
  'host and port': past('localhost:{STS}'),
  'host and another port': past('localhost:1'),
  'a dot behind the host': past('localhost.'),
  'two dots before it': past('..localhost'),
  'a URL of it': past('https://localhost'),
  'an address': past('127.0.0.1', { endpoint: 'https://127.0.0.1:{STS}' }),
  'another address of it': past('127.0.0.1'),
  'a network': past('127.0.0.0/8', { endpoint: 'https://127.0.0.1:{STS}' }),
  'the start of an address': past('127.', { endpoint: 'https://127.0.0.1:{STS}' }),
  'an end of an address': past('0.1', { endpoint: 'https://127.0.0.1:{STS}' }),
  'the host of plain http': past('localhost', { endpoint: PLAIN }),
  nothing: past(''),
  'only commas': past(' , ,'),
  local: past('<local>'),
};

const VARIABLES: Readonly<Record<string, Situation>> = {
  'lower case first': { env: { HTTPS_PROXY: 'http://127.0.0.1:{P1}', https_proxy: 'http://127.0.0.1:{P2}' } },
  'an empty one in lower case': { env: { HTTPS_PROXY: 'http://127.0.0.1:{P1}', https_proxy: '' } },
  'an empty one in upper case': { env: { HTTPS_PROXY: '', https_proxy: 'http://127.0.0.1:{P2}' } },
  empty: { env: { HTTPS_PROXY: '' } },
  'mixed case': { env: { Https_Proxy: 'http://127.0.0.1:{P1}' } },
  'mixed case with a proxy in lower case': { env: { Https_proxy: 'http://127.0.0.1:{P1}' } },
  'the one of http': { env: { HTTP_PROXY: 'http://127.0.0.1:{P1}' } },
  'that of all': { env: { ALL_PROXY: 'http://127.0.0.1:{P1}', all_proxy: 'http://127.0.0.1:{P2}' } },
  'that of all as SOCKS': { env: { ALL_PROXY: 'socks5://127.0.0.1:{P1}' } },
  'of another program': {
    env: { AWS_PROXY: 'http://127.0.0.1:{P1}', npm_config_https_proxy: 'http://127.0.0.1:{P2}' },
  },
  'http for plain http': { env: { HTTP_PROXY: 'http://127.0.0.1:{P1}' }, endpoint: PLAIN },
  'http with a password for plain http': { env: { HTTP_PROXY: 'http://me:p%40ss@127.0.0.1:{P1}' }, endpoint: PLAIN },
  'https for plain http': { env: { HTTPS_PROXY: 'http://127.0.0.1:{P1}' }, endpoint: PLAIN },
  'TLS for plain http': { env: { HTTP_PROXY: 'https://localhost:{TLS}' }, endpoint: PLAIN },
  'http from a web server': { env: { HTTP_PROXY: 'http://127.0.0.1:{P1}', REQUEST_METHOD: 'GET' }, endpoint: PLAIN },
  'http in lower case from a web server': {
    env: { http_proxy: 'http://127.0.0.1:{P1}', REQUEST_METHOD: 'GET' },
    endpoint: PLAIN,
  },
  'no_proxy in lower case first': {
    env: { HTTPS_PROXY: 'http://127.0.0.1:{P1}', NO_PROXY: 'localhost', no_proxy: 'other' },
  },
  'an empty no_proxy in lower case': {
    env: { HTTPS_PROXY: 'http://127.0.0.1:{P1}', NO_PROXY: 'localhost', no_proxy: '' },
  },
  'TLS with a password': { env: { HTTPS_PROXY: 'https://me:secret@localhost:{TLS}' } },
  'TLS that no bundle trusts': { env: { HTTPS_PROXY: 'https://localhost:{TLS}', AWS_CA_BUNDLE: null } },
};

const CONFIG = '.aws/config';
const good = '{HOME}/ca.pem';
const bundle = (value: string, files: Readonly<Record<string, string>> = {}): Situation => ({
  env: { AWS_CA_BUNDLE: value },
  files,
});
const only = (env: Situation['env'], more: Omit<Situation, 'env'> = {}): Situation => ({
  env: { AWS_CA_BUNDLE: null, ...env },
  ...more,
});

const CERTIFICATES: Readonly<Record<string, Situation>> = {
  'a file': bundle(good),
  'a tilde': bundle('~/ca.pem'),
  'a tilde and a user that is not there': bundle('~nobody-here/ca.pem'),
  'a variable in it': bundle('$HOME/ca.pem'),
  'a blank before': bundle(` ${good}`),
  'a blank behind': bundle(`${good} `),
  'a URL of a file': bundle(`file://${good}`),
  blank: bundle(' '),
  empty: bundle(''),
  'empty, and one of requests': { env: { AWS_CA_BUNDLE: '', REQUESTS_CA_BUNDLE: good } },
  'empty, and one in the profile': bundle('', { [CONFIG]: `[default]\nca_bundle = ${good}\n` }),
  missing: bundle('{HOME}/missing.pem'),
  'missing, and a good one in the profile': bundle('{HOME}/missing.pem', {
    [CONFIG]: `[default]\nca_bundle = ${good}\n`,
  }),
  'a directory': bundle('{HOME}/folder', { 'folder/ca.pem': '{CA}' }),
  'an empty file': bundle('{HOME}/empty.pem', { 'empty.pem': '' }),
  'a file of words': bundle('{HOME}/words.pem', { 'words.pem': 'these are words\n' }),
  'words around': bundle('{HOME}/around.pem', { 'around.pem': 'my CA\n{CA}\nend\n' }),
  'a damaged one first': bundle('{HOME}/damaged.pem', {
    'damaged.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n{CA}',
  }),
  'a damaged one last': bundle('{HOME}/damaged.pem', {
    'damaged.pem': '{CA}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  }),
  'a byte order mark': bundle('{HOME}/bom.pem', { 'bom.pem': '\uFEFF{CA}' }),
  'twice the same': bundle('{HOME}/twice.pem', { 'twice.pem': '{CA}{CA}' }),
  none: only({}),
  'that of requests': only({ REQUESTS_CA_BUNDLE: good }),
  'that of requests with a tilde': only({ REQUESTS_CA_BUNDLE: '~/ca.pem' }),
  'that of requests, blank': only({ REQUESTS_CA_BUNDLE: ' ' }),
  'that of requests, empty': only({ REQUESTS_CA_BUNDLE: '' }),
  'that of requests, missing': only({ REQUESTS_CA_BUNDLE: '{HOME}/missing.pem' }),
  'that of curl': only({ CURL_CA_BUNDLE: good }),
  'that of curl, empty': only({ CURL_CA_BUNDLE: '' }),
  'that of OpenSSL': only({ SSL_CERT_FILE: good }),
  'the folder of OpenSSL': only({ SSL_CERT_DIR: '{HOME}' }),
  'those of curl and OpenSSL beside a bad one of requests': only({
    CURL_CA_BUNDLE: good,
    SSL_CERT_FILE: good,
    REQUESTS_CA_BUNDLE: '{HOME}/missing.pem',
  }),
  'that of the profile': only({}, { files: { [CONFIG]: `[default]\nca_bundle = ${good}\n` } }),
  'that of the profile with a tilde': only({}, { files: { [CONFIG]: '[default]\nca_bundle = ~/ca.pem\n' } }),
  'that of the profile, empty': only({}, { files: { [CONFIG]: '[default]\nca_bundle =\n' } }),
  'that of the profile, empty, and one of requests': only(
    { REQUESTS_CA_BUNDLE: good },
    { files: { [CONFIG]: '[default]\nca_bundle =\n' } },
  ),
  'that of the profile, missing': only({}, { files: { [CONFIG]: '[default]\nca_bundle = {HOME}/missing.pem\n' } }),
  'that of the profile before that of requests': only(
    { REQUESTS_CA_BUNDLE: good },
    { files: { [CONFIG]: '[default]\nca_bundle = {HOME}/missing.pem\n' } },
  ),
  'that of another profile': only({}, { files: { [CONFIG]: `[profile other]\nca_bundle = ${good}\n` } }),
  'that of the chosen profile': only(
    { AWS_PROFILE: 'work' },
    {
      files: {
        [CONFIG]: `[profile work]\nca_bundle = ${good}\n`,
        '.aws/credentials': '[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = work/EXAMPLEKEY\n',
      },
    },
  ),
  'that of the default beside a chosen profile': only(
    { AWS_PROFILE: 'work' },
    {
      files: {
        [CONFIG]: `[default]\nca_bundle = ${good}\n[profile work]\nregion = us-east-1\n`,
        '.aws/credentials': '[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = work/EXAMPLEKEY\n',
      },
    },
  ),
  'that of the credentials file': only({}, { files: { '.aws/credentials': `[default]\nca_bundle = ${good}\n` } }),
  'the flag': only({}, { args: ['--ca-bundle', good] }),
  'the flag beside a bad variable': { env: { AWS_CA_BUNDLE: '{HOME}/missing.pem' }, args: ['--ca-bundle', good] },
  'the flag not to verify': only({}, { args: ['--no-verify-ssl'] }),
};

const groups: Readonly<Record<string, Readonly<Record<string, Situation>>>> = {
  address: mapped(ADDRESSES, https),
  login: mapped(LOGINS, login),
  'no proxy': NO_PROXY,
  variable: VARIABLES,
  certificates: CERTIFICATES,
};

function mapped(texts: Readonly<Record<string, string>>, make: (text: string) => Situation) {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, make(text)]));
}

/** The ways to reach AWS in which the AWS CLIs were asked what they do, by their names. */
export const SITUATIONS: Readonly<Record<string, Situation>> = Object.fromEntries(
  Object.entries(groups).flatMap(([group, members]) =>
    Object.entries(members).map(([name, situation]) => [`${group}: ${name}`, situation]),
  ),
);
