import { describe, expect, it } from 'vitest';
import type { Exam, Light, Readiness, Site } from '../src/protocol';
import { toCsv } from '../src/state/csv';
import { boardOf, countLights, NO_READINESS, withNews, worstRowsFirst } from '../src/state/readiness';

const site = (code: string): Site => ({
  code,
  name: `Xã ${code}`,
  tier: 'commune',
  parent: null,
  online: true,
  device: true,
  meeting: null,
});

const exam = (code: string, light: Light): Exam => ({
  site: code,
  state: 'done',
  light,
  reason: null,
  at_ms: 1,
  simulated: false,
  checks: null,
});

const readiness = (...sites: Exam[]): Readiness => ({ ...NO_READINESS, sites });

describe('the board', () => {
  const sites = ['A', 'B', 'C', 'D'].map(site);

  it('has a row for every site, also for one that was never asked', () => {
    const rows = boardOf(sites, readiness(exam('B', 'good'), exam('GONE', 'bad')));
    expect(rows.map(({ exam: { site: code, light } }) => `${code} ${light}`)).toEqual([
      'A untested',
      'B good',
      'C untested',
      'D untested',
    ]);
    expect(countLights(rows)).toEqual({ bad: 0, fair: 0, untested: 3, good: 1 });
  });

  it('shows the worst first, equals in their order', () => {
    const rows = boardOf(sites, readiness(exam('A', 'good'), exam('B', 'fair'), exam('C', 'bad'), exam('D', 'bad')));
    expect(worstRowsFirst(rows).map((row) => row.site.code)).toEqual(['C', 'D', 'B', 'A']);
  });

  it('takes news in place of what it knew', () => {
    const next = withNews(readiness(exam('A', 'bad'), exam('B', 'good')), readiness(exam('A', 'good')));
    expect(next.sites.map(({ site: code, light }) => `${code} ${light}`)).toEqual(['A good', 'B good']);
  });
});

describe('a table for a spreadsheet', () => {
  it('quotes, and keeps a formula a text', () => {
    const text = toCsv([['Điểm cầu', 'a "b", c'], ['=1+1', '-2'], ['@x', '+84'], ['\tx', 'an-toàn']]);
    expect(text).toBe(
      '\uFEFF"Điểm cầu","a ""b"", c"\r\n"\'=1+1","\'-2"\r\n"\'@x","\'+84"\r\n"\'\tx","an-toàn"\r\n',
    );
  });
});
