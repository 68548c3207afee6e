import { describe, expect, it } from 'vitest';
import { commandFailure } from '../../../src/aws/command/command-failure.ts';

/** In the shape of the real things; every one spelled with what `.ci/run` looks for. */
const KEY = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const SHORT = 'hush/EXAMPLEKEY';
const TOKEN = `IQoJb3JpZ2luX2VjEXAMPLEKEY${'Ab1+/'.repeat(60)}==`;
const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJFWEFNUExFS0VZIn0.c2lnbmF0dXJlRVhBTVBMRUtFWQ';

const SAID: Record<string, string> = {
  'a dict of Python': `KeyError: {'SecretAccessKey': '${SHORT}', 'SessionToken': '${SHORT}', 'Version': 1}`,
  'a dict of Python in a string': `error: "{'SecretAccessKey': '${SHORT}'}"`,
  'bytes of Python': `ValueError: b'{"SecretAccessKey": "${SHORT}"}'`,
  JSON: `{"AccessKeyId": "AKIA", "SecretAccessKey": "${SHORT}", "Token": "${SHORT}"}`,
  'JSON over lines': `{\n  "SecretAccessKey":\n    "${SHORT} and more"\n}`,
  'escaped JSON': `msg="{\\"SecretAccessKey\\": \\"${SHORT}\\", \\"SessionToken\\":\\"${SHORT}\\"}"`,
  'JSON escaped twice': `"{\\\\\\"SecretAccessKey\\\\\\": \\\\\\"${SHORT}\\\\\\"}"`,
  'JSON in JSON, four times': `token ${'\\'.repeat(15)}"${SHORT} ${'\\'.repeat(7)}"${SHORT}${'\\'.repeat(15)}" and`,
  'a value behind very many backslashes': `token ${'\\'.repeat(200)}"${SHORT} \\"${SHORT}${'\\'.repeat(200)}" and`,
  'a user of a URL': `fatal: https://${SHORT.replace('/', '_')}@github.example/x`,
  'a header': `> Authorization: Bearer ${SHORT}`,
  'the header of the SSO portal': `x-amz-sso_bearer_token: ${SHORT}`,
  'a shell': `+ export AWS_SECRET_ACCESS_KEY=${SHORT} AWS_SECURITY_TOKEN=${SHORT}`,
  'an INI file': `aws_secret_access_key = ${SHORT}\naws_session_token=${SHORT}`,
  YAML: `secret_access_key: ${SHORT}\nclientSecret: ${SHORT}`,
  'a hash of Ruby': `{:secret_access_key=>"${SHORT}", "session_token" => "${SHORT}"}`,
  XML: `<SecretAccessKey>${SHORT}</SecretAccessKey><SessionToken>${SHORT}</SessionToken>`,
  flags: `Usage: vault login --password ${SHORT} --client-secret=${SHORT} -token ${SHORT}`,
  'a struct of Go': `Credentials{AccessKeyID:"AKIA", SecretAccessKey:"${SHORT}", SessionToken:"${SHORT}"}`,
  'OIDC answers': `{"accessToken":"${SHORT}","refreshToken":"${SHORT}","idToken":"${SHORT}","clientSecret":"${SHORT}"}`,
  'a form': `grant_type=password&username=me&password=${SHORT}&client_secret=${SHORT}`,
  'a presigned URL': `GET https://sts.amazonaws.com/?X-Amz-Security-Token=${encodeURIComponent(TOKEN)}&X-Amz-Signature=${SHORT}`,
  'a name and a value in quotes': `sessionToken "${SHORT}"`,
  'a secret key in a sentence': `the secret key of alice is ${KEY}, the id AKIA`,
  'a secret key alone': KEY,
  'a session token alone': TOKEN,
  'a session token over the end of a line': `x ${TOKEN}\n`,
  'a JWT': `token rejected: ${JWT}`,
  'an address with a password': `proxy http://me:${SHORT.replace('/', '-')}@proxy.example.com:3128 refused`,
  'a private key': `-----BEGIN RSA PRIVATE KEY-----\n${KEY}\n${SHORT}\n-----END RSA PRIVATE KEY-----`,
  'half a private key': `-----BEGIN PRIVATE KEY-----\n${SHORT}`,
  'a bearer token of EKS': `k8s-aws-v1.${Buffer.from(`https://sts/?${SHORT}`).toString('base64url')}`,
};

describe('the words of a failed program', () => {
  it.each(Object.entries(SAID))('are quoted without secrets: %s', (_, said) => {
    const { message } = commandFailure('aws', 'exited with status 1', `first line\n${said}\nlast line`, undefined);
    const shown = `${message}${decodeURIComponent(message.replaceAll('%', '%25'))}`;
    for (const secret of [KEY, SHORT, TOKEN, JWT, 'EXAMPLEKEY', 'RVhBTVBMRUtFW']) expect(shown).not.toContain(secret);
    expect(message).toContain('***');
    expect(message).toContain('first line');
  });

  it.each([
    'Unable to locate credentials. You can configure credentials by running "aws configure".',
    'Error loading SSO Token: Token for corp does not exist',
    'Error when retrieving token from sso: Token has expired and refresh failed',
    'An error occurred (ExpiredToken) when calling the AssumeRole operation: The security token included in the request is expired',
    'Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY',
    'Could not connect to the endpoint URL: "https://sts.us-west-2.amazonaws.com/"',
    'User: arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_PlatformAdministrators_0123456789abcdef/alice is not authorized',
    '/home/alice/.aws/sso/cache/c1c93f88d273660be5358cd4ee2df2c2f3f0e8e7.json: no such file',
  ])('are quoted with everything else: %s', (said) => {
    expect(commandFailure('aws', 'exited with status 255', said, undefined).message).toContain(said);
  });

  it('are quoted in no time, whatever their length', () => {
    const long = `secret ${'"'.repeat(20_000)} ${'\\'.repeat(20_000)} ${'a:'.repeat(20_000)}${' '.repeat(20_000)}=`;
    expect(commandFailure('aws', 'exited with status 1', long, undefined).message.length).toBeLessThan(2100);
  });
});
