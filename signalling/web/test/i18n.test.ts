import { describe, expect, it } from 'vitest';
import { chooseLanguage } from '../src/i18n';
import en from '../src/i18n/en.json';
import vi from '../src/i18n/vi.json';

type Tree = { [key: string]: string | Tree };

const PLURAL = /_(zero|one|two|few|many|other)$/;

function leaves(tree: Tree, path = ''): Array<[string, string]> {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [[`${path}${key}`, value] as [string, string]]
      : leaves(value, `${path}${key}.`),
  );
}

const variables = (text: string): string[] =>
  [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? '').sort();

const merged = (tree: Tree): Map<string, string> =>
  new Map(leaves(tree).map(([key, text]) => [key.replace(PLURAL, ''), text]));

describe('the catalogues', () => {
  const [vietnamese, english] = [merged(vi), merged(en)];

  it('have the same keys', () => {
    expect([...vietnamese.keys()]).toEqual([...english.keys()]);
  });

  it('have no empty text, and the same variables in each', () => {
    for (const [key, text] of vietnamese) {
      expect(text.trim(), key).not.toBe('');
      expect(variables(english.get(key) ?? ''), key).toEqual(variables(text));
    }
  });

  it.each([
    ['vi', vi],
    ['en', en],
  ] as const)('have every plural form that %s needs', (language, tree) => {
    const needed = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    const keys = new Set(leaves(tree).map(([key]) => key));
    for (const key of keys) {
      if (PLURAL.test(key)) {
        const forms = needed.map((form) => key.replace(PLURAL, `_${form}`));
        expect(forms.filter((form) => !keys.has(form)), key).toEqual([]);
      }
    }
  });
});

describe('the language at the first visit', () => {
  it.each([
    [null, ['en-GB', 'en'], 'en'],
    [null, ['vi-VN', 'en'], 'vi'],
    [null, ['fr-FR', 'en-US', 'vi'], 'en'],
    [null, ['fr-FR', 'ja'], 'vi'],
    [null, [], 'vi'],
    ['vi', ['en-GB'], 'vi'],
    ['en', ['vi-VN'], 'en'],
    ['nonsense', ['en'], 'en'],
  ])('of %s stored and %j preferred is %s', (stored, preferred, language) => {
    expect(chooseLanguage(stored, preferred)).toBe(language);
  });
});
