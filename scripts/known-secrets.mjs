// The secrets of the tests, which must not appear in the output of any step. All of them are invented. One in a log
// does no harm, but shows that a real secret would have leaked too.
import { readFileSync } from 'node:fs';

const vectors = ['aws-eks-get-token.json', 'found-differences.json'].map(
  (name) => new URL(`../test/vectors/${name}`, import.meta.url),
);

/** Named patterns, so that a finding can be reported without repeating the secret. */
export const secretPatterns = [
  { name: 'an AWS example secret key', pattern: /EXAMPLEKEY/ },
  { name: 'the signature of a token', pattern: /X-Amz-Signature(=|%3D)[0-9a-f]{64}/i },
  { name: 'a security token in a URL', pattern: /X-Amz-Security-Token(=|%3D)[A-Za-z0-9%+/_-]{16,}/i },
  { name: 'a complete bearer token', pattern: /k8s-aws-v1\.[A-Za-z0-9_-]{100,}/ },
  { name: 'a key or token of the local AWS', pattern: /EKSPRESSLOCAL(?:SECRET|TOKEN|ACCESS|REFRESH)/ },
  { name: 'a secret of a test', pattern: /hush(?:hush|[/+-]\w)/ },
  {
    name: 'keys and tokens of generated situations',
    pattern:
      /environment\/secret|rotated\/secret|(?:env|environment|security|file|cached|process)\+token|(?:base|cached|file|other)\/secret|their-(?:secret|session)|secret-of-a-session|session-of-a-person/,
  },
  { name: 'a login of a test', pattern: /(?:sso-access|refreshed-sso)-token|header\.payload\.signature/ },
  { name: 'the static token of the test API server', pattern: /static-token-admin/ },
];

/**
 * Secret keys and session tokens in the recorded AWS CLI answers. Short ones are left out, since they match other
 * texts.
 */
export function recordedSecrets() {
  const found = new Set();
  for (const { env, files } of vectors.flatMap((file) => JSON.parse(readFileSync(file, 'utf8')).cases)) {
    for (const [name, value] of Object.entries(env)) {
      if (/SECRET_ACCESS_KEY|SESSION_TOKEN/.test(name)) found.add(value);
    }
    for (const text of Object.values(files)) {
      for (const [, value] of String(text).matchAll(/(?:secret_access_key|session_token)\s*=\s*(\S+)/g))
        found.add(value);
    }
  }
  return [...found].filter((value) => value.length >= 12);
}
