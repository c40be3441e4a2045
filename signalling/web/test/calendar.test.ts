import { describe, expect, it } from 'vitest';
import {
  addDays,
  addMonths,
  fromInputs,
  monthGrid,
  nextHour,
  startOfDay,
  startOfMonth,
  toInputs,
  weekOf,
} from '../src/state/calendar';

const at = (text: string): number => new Date(text).getTime();

describe('the calendar', () => {
  it('begins a week on Monday, also on a Sunday', () => {
    const monday = at('2026-11-23T00:00');
    expect(weekOf(at('2026-11-24T17:30'))[0]).toBe(monday);
    expect(weekOf(at('2026-11-29T23:59'))[0]).toBe(monday);
    expect(weekOf(at('2026-11-23T00:00'))).toHaveLength(7);
    expect(weekOf(at('2026-11-23T00:00'))[6]).toBe(at('2026-11-29T00:00'));
  });

  it('shows a month in whole weeks', () => {
    const november = monthGrid(at('2026-11-24T12:00'));
    expect(november[0]).toBe(at('2026-10-26T00:00'));
    expect(november).toHaveLength(42);
    expect(november[41]).toBe(at('2026-12-06T00:00'));
    // February 2027 begins on a Monday and has four weeks.
    expect(monthGrid(at('2027-02-10T12:00'))).toHaveLength(28);
  });

  it('walks over the ends of months and years', () => {
    expect(addDays(at('2026-12-31T00:00'), 1)).toBe(at('2027-01-01T00:00'));
    expect(addMonths(startOfMonth(at('2026-12-24T00:00')), 1)).toBe(at('2027-01-01T00:00'));
    expect(startOfDay(at('2026-11-24T23:59'))).toBe(at('2026-11-24T00:00'));
  });

  it('reads back what it put into the fields', () => {
    const moment = at('2026-01-05T07:05');
    expect(toInputs(moment)).toEqual({ date: '2026-01-05', time: '07:05' });
    expect(fromInputs('2026-01-05', '07:05')).toBe(moment);
    expect(fromInputs('', '07:05')).toBeNaN();
    expect(fromInputs('2026-01-05', '')).toBeNaN();
  });

  it('proposes the next full hour', () => {
    expect(nextHour(at('2026-11-24T23:10'))).toBe(at('2026-11-25T00:00'));
  });
});
