import { describe, expect, it } from 'vitest';
import { agendaOf, EMPTY_PLAN, isAgendaGood, titleProblem, withSites } from '../src/state/plan';

describe('a plan', () => {
  it('has one item of the agenda a line', () => {
    expect(agendaOf('Báo cáo tuần\n\n  Thảo luận  \n')).toEqual(['Báo cáo tuần', 'Thảo luận']);
  });

  it('has an agenda of bounded length, in bytes', () => {
    expect(isAgendaGood(['ế'.repeat(100)])).toBe(true);
    expect(isAgendaGood(['ế'.repeat(101)])).toBe(false);
    expect(isAgendaGood(Array<string>(51).fill('x'))).toBe(false);
  });

  it('needs a title that is neither empty nor longer than 200 bytes', () => {
    expect(titleProblem('  ')).toBe('home.titleEmpty');
    expect(titleProblem('Giao ban')).toBeNull();
    expect(titleProblem('ế'.repeat(67))).toBe('home.titleLong');
  });

  it('loses a chair whose site is taken out', () => {
    const plan = { ...EMPTY_PLAN, chair: 'TG', sites: ['TG', 'MT'] };
    expect(withSites(plan, ['TG']).chair).toBe('TG');
    expect(withSites(plan, ['MT']).chair).toBeNull();
  });
});
