import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES, EVENT_NAMES, REQUEST_NAMES } from '../src/protocol/types';

const page = readFileSync(fileURLToPath(new URL('../../PROTOCOL.md', import.meta.url)), 'utf8');

const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()));

const nameOf = (row: string[]): string => (row[1] ?? '').replace(/`/g, '');
const named = (direction: string): string[] =>
  rows.filter((row) => row[2]?.startsWith(direction)).map(nameOf);

describe('the names this page uses, against PROTOCOL.md', () => {
  it('finds the tables', () => {
    expect(named('request').length).toBeGreaterThan(20);
    expect(named('event').length).toBeGreaterThan(10);
  });

  it('knows every request it sends', () => {
    expect(REQUEST_NAMES.filter((name) => !named('request').includes(name))).toEqual([]);
  });

  it('knows every event it listens to', () => {
    expect(EVENT_NAMES.filter((name) => !named('event').includes(name))).toEqual([]);
  });

  it('knows every error code', () => {
    const start = page.indexOf('| error code |');
    const table = page.slice(start, page.indexOf('\n\n', start));
    const codes = [...table.matchAll(/^\| `([a-z_]+)`/gm)].map((match) => match[1]);
    expect([...ERROR_CODES]).toEqual(codes);
  });
});
