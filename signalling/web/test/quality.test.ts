import { describe, expect, it } from 'vitest';
import type { Stats } from '../src/protocol';
import { byQuality, gradeOf, QualityBoard } from '../src/state/quality';

const stats = (source: number, change: Partial<Stats> = {}): Stats => ({
  source,
  loss_in_pct: 0,
  loss_out_pct: 0,
  rtt_ms: 20,
  in_kbps: 150,
  out_kbps: 1500,
  rung: 0,
  ...change,
});

describe('the quality of a seat', () => {
  it('is graded by the worse direction and by the round trip', () => {
    expect(gradeOf(stats(1))).toBe('good');
    expect(gradeOf(stats(1, { loss_in_pct: 2 }))).toBe('fair');
    expect(gradeOf(stats(1, { loss_out_pct: 6 }))).toBe('poor');
    expect(gradeOf(stats(1, { rtt_ms: 500 }))).toBe('poor');
    expect(gradeOf(stats(1, { rtt_ms: null }))).toBe('good');
  });

  it('orders the poorest first', () => {
    const all = [stats(1), stats(2, { loss_in_pct: 8 }), stats(3, { rtt_ms: 300 })];
    expect(byQuality(all)).toEqual([2, 3, 1]);
  });

  it('leaves the figures of the others untouched when one changes', () => {
    const board = new QualityBoard();
    board.put([stats(1), stats(2)]);
    const kept = board.of(1);
    board.put([stats(2, { rtt_ms: 90 })]);
    expect(board.of(1)).toBe(kept);
    expect(board.of(2)?.rtt_ms).toBe(90);
  });
});
