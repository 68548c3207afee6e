import { join } from 'node:path';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { examples, root } from '../support/pages.ts';
import { type PublicAPI, publicAPI } from '../support/public-api.ts';

/** A function, a class, or a member of a class or interface, as a user names it. */
interface PublicName {
  readonly name: string;
  readonly symbol: ts.Symbol;
}

let api: PublicAPI;
beforeAll(() => {
  api = publicAPI();
}, 240_000);

function exportsOfKind(flags: ts.SymbolFlags): PublicName[] {
  return [...api.symbols].filter(([, symbol]) => symbol.flags & flags).map(([name, symbol]) => ({ name, symbol }));
}

/** The fields and methods that our own sources declare for a class or an interface, inherited ones included. */
function membersOf({ name, symbol }: PublicName): PublicName[] {
  return api.checker
    .getDeclaredTypeOfSymbol(symbol)
    .getProperties()
    .filter((member) => declarationsOf(member).length > 0 && !/^(#|__@)/.test(member.name))
    .filter((member) => !tagsOf(member, 'internal').length && !isPrivate(member))
    .map((member) => ({ name: `${name}.${member.name}`, symbol: member }));
}

const isPrivate = (member: ts.Symbol) =>
  declarationsOf(member).some((one) => ts.getCombinedModifierFlags(one) & ts.ModifierFlags.Private);

const declarationsOf = ({ declarations = [] }: ts.Symbol) =>
  declarations.filter((one) => one.getSourceFile().fileName.startsWith(join(root, 'src')));

function tagsOf(symbol: ts.Symbol, tag: string): string[] {
  return symbol
    .getJsDocTags(api.checker)
    .filter(({ name }) => name === tag)
    .map(({ text }) => ts.displayPartsToString(text));
}

const FUNCTIONS = ts.SymbolFlags.Function;
const CLASSES = ts.SymbolFlags.Class;

describe('A public name', () => {
  it('has an example where it is a class or a function', () => {
    const names = exportsOfKind(FUNCTIONS | CLASSES);
    expect(names.length).toBeGreaterThan(20);
    const without = names.filter(({ symbol }) => tagsOf(symbol, 'example').length === 0);
    expect(without.map(({ name }) => name)).toEqual([]);
  });

  it('has examples that are whole programs, so that the tests of pages compile and run them', () => {
    const read = new Set(examples().map(({ text }) => text.trim()));
    const kinds = exportsOfKind(FUNCTIONS | CLASSES | ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias);
    const shown = kinds
      .flatMap((one) => [one, ...membersOf(one)])
      .flatMap(({ name, symbol }) =>
        tagsOf(symbol, 'example').map((text) => ({ name, text: text.replace(/^```ts\n|\n```$/g, '').trim() })),
      );
    expect(shown.length).toBeGreaterThan(20);
    expect(shown.filter(({ text }) => !read.has(text)).map(({ name }) => name)).toEqual([]);
    for (const { name, text } of shown) expect(text, name).toMatch(/^import .* from 'ekspress(\/\w+)?';$/m);
  });

  it('says what it is, each option and method included', () => {
    const types = exportsOfKind(CLASSES | ts.SymbolFlags.Interface);
    const names = [...exportsOfKind(FUNCTIONS | ts.SymbolFlags.TypeAlias), ...types, ...types.flatMap(membersOf)];
    expect(names.length).toBeGreaterThan(300);
    const silent = names.filter(
      ({ symbol }) => !symbol.getDocumentationComment(api.checker).length && !tagsOf(symbol, 'deprecated').length,
    );
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it('names a code, or the call whose errors it shares, for the errors that it throws', () => {
    const names = [
      ...exportsOfKind(FUNCTIONS),
      ...exportsOfKind(CLASSES | ts.SymbolFlags.Interface).flatMap(membersOf),
    ];
    const told = names.flatMap(({ name, symbol }) => tagsOf(symbol, 'throws').map((text) => ({ name, text })));
    expect(told.length).toBeGreaterThan(20);
    const vague = told.filter(({ text }) => !/^EKSAuthError .*([A-Z]+_[A-Z]+|NETWORK|TIMEOUT|as \{@link)/s.test(text));
    expect(vague.map(({ name, text }) => `${name}: ${text}`)).toEqual([]);
    const silent = exportsOfKind(FUNCTIONS).filter(({ symbol }) => tagsOf(symbol, 'throws').length === 0);
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it('says what it is without a value where it is an option', () => {
    const options = exportsOfKind(ts.SymbolFlags.Interface).flatMap(membersOf);
    const optional = options.filter(
      ({ name, symbol }) => symbol.flags & ts.SymbolFlags.Optional && /^\S+ \w*(Options|Limits?|Request)\./.test(name),
    );
    expect(optional.length).toBeGreaterThan(60);
    const unclear = optional.filter(({ symbol }) => {
      const text = ts.displayPartsToString(symbol.getDocumentationComment(api.checker));
      return !/\bDefaults?\b|\b[Aa]bsent\b/.test(text);
    });
    expect(unclear.map(({ name }) => name)).toEqual([]);
  });
});
