import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { root } from '../support/pages.ts';
import { publicAPI } from '../support/public-api.ts';

/** What ekspress only hands out: there an absent field is absent. */
const HANDED_OUT = new Set([
  ...['AWSCall', 'AcceptedToken', 'RefusedToken', 'ListedContext', 'LocalIdentity', 'LocalRequest', 'RefreshFacts'],
  ...['RegistryEvents', 'TokenReview', 'TokenStatus', 'DiscoveryActivity'],
  ...['ListQuery', 'RegistryActivity'],
]);

const settings = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(settings.config, ts.sys, root);

/** The optional fields of the exported types, as `Type.field`, with whether the compiler takes `undefined` for each. */
function optionalFields(): Map<string, boolean> {
  const { checker, symbols } = publicAPI();
  const found = new Map<string, boolean>();
  for (const symbol of symbols.values()) {
    if (!(symbol.flags & ts.SymbolFlags.Interface) || HANDED_OUT.has(symbol.name)) continue;
    for (const field of checker.getDeclaredTypeOfSymbol(symbol).getProperties()) {
      const [declaration] = field.declarations ?? [];
      if (!(field.flags & ts.SymbolFlags.Optional) || !declaration || !ts.isPropertySignature(declaration)) continue;
      const type = declaration.type && checker.getTypeFromTypeNode(declaration.type);
      const takes = type?.isUnion() ? type.types.some(({ flags }) => flags & ts.TypeFlags.Undefined) : false;
      found.set(`${symbol.name}.${field.name}`, takes || (type?.flags ?? 0) === ts.TypeFlags.Unknown);
    }
  }
  return found;
}

describe('a consumer that is compiled with exactOptionalPropertyTypes', () => {
  it('may pass undefined for every public option', { timeout: 240_000 }, () => {
    const fields = optionalFields();
    expect(fields.size).toBeGreaterThan(100);
    expect([...fields].filter(([, takes]) => !takes).map(([name]) => name)).toEqual([]);
  });

  it('compiles where options come from variables that may be unset', { timeout: 240_000 }, () => {
    const consumer = join(root, 'consumer.mts');
    const text = `
      import { attachEKSAuth, ClusterRegistry, getEKSToken, listContexts, parseEKSConfig } from 'ekspress';
      import { startLocalEKS } from 'ekspress/testing';
      import type { KubeConfig } from '@kubernetes/client-node';
      export async function serve(kubeConfig: KubeConfig, text: string, maybe?: string, signal?: AbortSignal): Promise<void> {
        const registry = new ClusterRegistry({ cache: maybe === undefined ? undefined : { directory: maybe }, limits: undefined });
        await registry.registerByString(text, { context: maybe, id: maybe, signal, credentials: undefined });
        await attachEKSAuth(kubeConfig, { context: maybe });
        await getEKSToken({ clusterName: 'dev', region: maybe, profile: maybe, roleArn: maybe, signal });
        await listContexts(text, { env: undefined });
        parseEKSConfig(text, { context: maybe });
        await startLocalEKS({ region: maybe });
      }`;
    const strict: ts.CompilerOptions = { ...options, exactOptionalPropertyTypes: true, skipLibCheck: true };
    const host = ts.createCompilerHost(strict);
    const { fileExists, readFile, getSourceFile } = host;
    host.fileExists = (path) => path === consumer || fileExists(path);
    host.readFile = (path) => (path === consumer ? text : readFile(path));
    host.getSourceFile = (path, target, ...more) =>
      path === consumer ? ts.createSourceFile(path, text, target) : getSourceFile(path, target, ...more);
    const program = ts.createProgram([consumer], strict, host);
    const complaints = program.getSemanticDiagnostics(program.getSourceFile(consumer));
    expect(complaints.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))).toEqual([]);
  });
});
