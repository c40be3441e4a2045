import type { Stats } from '../protocol';

export type Grade = 'good' | 'fair' | 'poor';

const loss = ({ loss_in_pct, loss_out_pct }: Stats): number => Math.max(loss_in_pct, loss_out_pct);

/** From 1 % loss on speech has to be repaired; above 5 % or 400 ms people notice. */
export function gradeOf(stats: Stats): Grade {
  const rtt = stats.rtt_ms ?? 0;
  if (loss(stats) > 5 || rtt > 400) {
    return 'poor';
  }
  return loss(stats) >= 1 || rtt > 200 ? 'fair' : 'good';
}

/** One percent of loss weighs as much as 50 ms. */
const badness = (stats: Stats): number => loss(stats) * 50 + (stats.rtt_ms ?? 0);

/** Sources, poorest connection first. */
export function byQuality(all: Iterable<Stats>): number[] {
  return [...all].sort((a, b) => badness(b) - badness(a) || a.source - b.source).map((s) => s.source);
}

/** The latest figures of a meeting. Each row asks for its own: a change draws one row, not all. */
export class QualityBoard {
  private readonly known = new Map<number, Stats>();
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly of = (source: number): Stats | null => this.known.get(source) ?? null;

  readonly all = (): Stats[] => [...this.known.values()];

  put(changed: readonly Stats[]): void {
    changed.forEach((stats) => this.known.set(stats.source, stats));
    this.listeners.forEach((listener) => listener());
  }
}
