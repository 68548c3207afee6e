// One entry for each mechanism that the product rests on: the code without it, and the tests that have to notice.
// `find` stands in the file exactly once. `tests` are arguments of vitest.

import { awsAsLived } from './aws-as-lived.mjs';
import { awsSettings } from './aws-settings.mjs';
import { destinations } from './destinations.mjs';
import { foreignWords } from './foreign-words.mjs';
import { invisibleCache } from './invisible-cache.mjs';
import { manyRoles } from './many-roles.mjs';
import { integration, unit } from './vitest-words.mjs';

/** @type {readonly { name: string, file: string, find: string, replace: string, tests: readonly string[] }[]} */
export const mutants = [
  {
    name: 'encrypted: the caches of the AWS CLI are written',
    file: 'src/aws/credentials/cli-cache.ts',
    find: 'if (path === undefined || sealed) return undefined;',
    replace: 'if (path === undefined) return undefined;',
    tests: ['--project', 'faults', 'test/faults/encrypted-home.test.ts'],
  },
  {
    name: 'encrypted: plain tokens stay where they were',
    file: 'src/cli/apply/encrypt.ts',
    find: "  await clearEntries(cacheDirectory(env), new Date(), ({ state }) => state !== 'foreign' && state !== 'sealed');",
    replace: '',
    tests: ['--project', 'faults', 'test/faults/encrypted-home.test.ts'],
  },
  {
    name: 'encrypted: the kubeconfig does not decide for a service',
    file: 'src/aws/token/token-manager.ts',
    find: 'sharedCacheOf(options, this.#host, this.#config.encrypt)',
    replace: 'sharedCacheOf(options, this.#host)',
    tests: ['--project', 'faults', 'test/faults/encrypted-home.test.ts'],
  },
  {
    name: 'encrypted: names say what they are',
    file: 'src/cache/sealed/entry-files.ts',
    find: "const nameOf = ({ identity }: CacheKey) => `${seal.nameOf({ kind: 'entry', identity })}.sealed`;",
    replace: 'const nameOf = ({ fileName }: CacheKey) => `${fileName}.sealed`;',
    tests: ['--project', 'faults', 'test/faults/encrypted-home.test.ts'],
  },
  {
    name: 'encrypted: a key that others can read counts',
    file: 'src/cache/sealed/key-file.ts',
    find: '(stats.mode & 0o077) !== 0 ?',
    replace: 'false ?',
    tests: ['--project', 'faults', 'test/faults/encrypted-home.test.ts'],
  },
  {
    name: 'encrypted: a refused token is served again',
    file: 'src/exec/asker.ts',
    find: '      return true;\n    } catch {\n      return false;',
    replace: '      return false;\n    } catch {\n      return false;',
    tests: ['--project', 'faults', 'test/faults/encrypted-plugin.test.ts'],
  },
  {
    name: 'encrypted: the script reads the plain entry',
    file: 'src/exec/ekspress-exec.template.sh',
    find: '$ek_keys$ek_plugin$ek_encrypt" ] && ek_read_words',
    replace: '$ek_keys$ek_plugin" ] && ek_read_words',
    tests: ['--project', 'faults', 'test/integration/exec/hit-cases.test.ts', '-t', 'encrypted'],
  },
  {
    name: 'identity: a copy of a config counts as a config',
    file: 'src/aws/stanza/eks-auth-config.ts',
    find: 'if (isMade(config)) return config;',
    replace: 'return config as EKSAuthConfig;',
    tests: integration('test/integration/aws/token/one-identity.test.ts'),
  },
  {
    name: 'identity: cliVersion is not part of the cache key',
    file: 'src/aws/token/shared-entry.ts',
    find: '...(cliVersion !== undefined && { cliVersion }),',
    replace: '',
    tests: integration('test/integration/aws/token/one-identity.test.ts'),
  },
  {
    name: 'other plugins: each request runs the command',
    file: 'src/cluster/requests/plugin-identity.ts',
    find: "this.#flights.do('credential', undefined, () => this.#obtain()),",
    replace: 'this.#obtain(),',
    tests: integration('test/integration/cluster/registry/other-plugin.test.ts'),
  },
  {
    name: 'other plugins: a refused credential is taken from the cache again',
    file: 'src/cluster/requests/plugin-identity.ts',
    find: 'refused !== undefined &&',
    replace: 'false &&',
    tests: integration('test/integration/cluster/registry/other-plugin.test.ts'),
  },
  {
    name: 'other plugins: a certificate is kept after its end',
    file: 'src/aws/command/obtain-plugin-credential.ts',
    find: '= endOf(printed);',
    replace: '= printed;',
    tests: integration('test/integration/cluster/registry/other-plugin.test.ts'),
  },
  {
    name: 'other plugins: credentials go out over plain http',
    file: 'src/cluster/requests/reuse-connections.ts',
    find: 'identity instanceof PluginIdentity && used.route.origin.secure ?',
    replace: 'identity instanceof PluginIdentity ?',
    tests: integration('test/integration/cluster/registry/other-plugin.test.ts'),
  },
  ...destinations,
  ...foreignWords,
  ...awsAsLived,
  ...awsSettings,
  ...invisibleCache,
  ...manyRoles,
  {
    name: 'connections: what is sent again may take another closed connection',
    file: 'src/cluster/transport/guarded-agent.ts',
    find: 'else if (request.reusedSocket && isClosed(error)) connections.dropIdle();',
    replace: '',
    tests: ['--project', 'faults', 'test/faults/troubled-relay.test.ts'],
  },
  {
    name: 'limits: a read over a silent connection is not tried over another',
    file: 'src/cluster/transport/watch-answer.ts',
    find: 'if (kept && kind.isRepeatable) stops.push(after(limits.silentMs, () => void tryAnother()));',
    replace: '',
    tests: integration('test/integration/cluster/transport/limits.test.ts'),
  },
  {
    name: 'limits: a request waits for its answer for ever',
    file: 'src/cluster/transport/watch-answer.ts',
    find: "fail(timedOut(`an answer of ${place}`, 'firstByteMs', limits.firstByteMs))",
    replace: 'undefined',
    tests: integration('test/integration/cluster/transport/limits.test.ts'),
  },
  {
    name: 'connections: a write goes over a connection that has not answered for long',
    file: 'src/cluster/transport/guarded-agent.ts',
    find: 'if (!kind.isRead) kept.dropIdle(limits.provenMs);',
    replace: '',
    tests: integration('test/integration/cluster/transport/limits.test.ts'),
  },
  {
    name: 'edit: a write in place on a full disk is left as it is',
    file: 'src/kubeconfig/edit/write-in-place.ts',
    find: '    await overwrite(path, texts.old);\n  } catch {',
    replace: '  } catch {',
    tests: ['--project', 'faults', 'test/faults/full-disk.test.ts', '-t', 'kubeconfig'],
  },
  {
    name: 'errors: escape sequences of a server have an effect',
    file: 'src/cluster/requests/server-words.ts',
    find: 'setText(failure, name, forTerminal(text));',
    replace: 'setText(failure, name, text);',
    tests: integration('test/integration/cluster/clients/texts-of-servers.test.ts'),
  },
  {
    name: 'connections: an unasked change of the protocol holds a request for ever',
    file: 'src/cluster/transport/guarded-agent.ts',
    find: "request.emit('error', passage.failure);",
    replace: '',
    tests: integration('test/integration/cluster/transport/unasked-upgrade.test.ts'),
  },
  {
    name: 'informers: an ERROR without a status reaches client-node',
    file: 'src/cluster/clients/one-connection.ts',
    find: "return phase === 'ERROR' ? typeof object === 'object' && object !== null : hasMetadata(object);",
    replace: "return phase === 'ERROR' || hasMetadata(object);",
    tests: integration('test/integration/cluster/clients/informer-options.test.ts', '-t', 'cannot be read'),
  },
  {
    name: 'files: a pipe or a device is read as a file is',
    file: 'src/system/read-file.ts',
    find: "if (!stats.isFile()) throw refusal('ENOTSUP', 'is not a regular file', path);",
    replace: '',
    tests: unit('test/unit/system/read-file.test.ts'),
  },
  {
    name: 'files: the length that a file says is believed',
    file: 'src/system/read-file.ts',
    find: 'if (this.#length > this.#most) return undefined;',
    replace: '',
    tests: unit('test/unit/system/read-file.test.ts'),
  },
  {
    name: 'plans: a config file that was not read counts as absent',
    file: 'src/aws/ini/read-text-file.ts',
    find: 'if (PASSED_OVER.includes(read.code)) return undefined;',
    replace: 'return undefined;',
    tests: unit('test/unit/aws/mint/left-to-cli.test.ts'),
  },
  {
    name: 'limits: each redirect has the time of an answer',
    file: 'src/cluster/transport/watch-answer.ts',
    find: 'passage.answerBy ??= ',
    replace: 'passage.answerBy = ',
    tests: integration('test/integration/cluster/transport/limits.test.ts', '-t', 'redirects'),
  },
  {
    name: 'token files: the white space around a token is sent',
    file: 'src/cluster/requests/read-token-file.ts',
    find: "toString('utf8').trim();",
    replace: "toString('utf8');",
    tests: integration('test/integration/cluster/requests/token-file.test.ts'),
  },
];
