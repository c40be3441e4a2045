import { describe, expect, it } from 'vitest';
import type { ReportRow } from '../src/protocol';
import { byAgency } from '../src/state/report';

const row = (site: string, agency: string): ReportRow => ({
  agency,
  site,
  name: site,
  tier: '',
  status: 'present',
  reason: '',
  by_chair: false,
  joined_ms: 0,
  until_ms: 0,
  present_s: 0,
  talk_s: 0,
  drops: 0,
});

describe('the rows of a report', () => {
  it('are grouped by agency, in their order', () => {
    const groups = byAgency([row('A', 'Tỉnh'), row('B', 'Tỉnh'), row('C', ''), row('D', 'Cái Bè')]);
    expect(groups.map(({ agency, members }) => [agency, members.map(({ site }) => site)])).toEqual([
      ['Tỉnh', ['A', 'B']],
      ['', ['C']],
      ['Cái Bè', ['D']],
    ]);
    expect(byAgency([])).toEqual([]);
  });
});
