import { join } from 'node:path';
import ts from 'typescript';
import { root } from './pages.ts';

/** The doors of the package, as what stands behind `ekspress` in an import. */
export const DOORS: readonly string[] = ['', '/mcp', '/metrics', '/testing', '/valkey'];

/** What the doors export. */
export interface PublicAPI {
  readonly checker: ts.TypeChecker;
  /** By `ekspress/door: Name`, or `ekspress: Name`. */
  readonly symbols: ReadonlyMap<string, ts.Symbol>;
}

/** Reads the sources of every door. Takes seconds. */
export function publicAPI(): PublicAPI {
  const settings = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(settings.config, ts.sys, root);
  const entry = (door: string) => join(root, 'src', door, 'index.ts');
  const program = ts.createProgram(DOORS.map(entry), { ...options, exactOptionalPropertyTypes: true });
  const checker = program.getTypeChecker();
  const symbols = new Map<string, ts.Symbol>();
  for (const door of DOORS) {
    const file = program.getSourceFile(entry(door));
    const module = file && checker.getSymbolAtLocation(file);
    for (const exported of module ? checker.getExportsOfModule(module) : []) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      symbols.set(`ekspress${door}: ${symbol.name}`, symbol);
    }
  }
  return { checker, symbols };
}
