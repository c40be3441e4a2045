export interface Progress {
  /** 0 … 1, or null while it is not known how long the step takes. */
  done: number | null;
  text: string;
}

const BAR = /^\[[#.]*\]\s*(\d{1,3}) %\s*/;

/** The load test's progress line, `[####....] 40 %  measuring  3/3 joined`, in its parts. */
export function parseProgress(line: string): Progress {
  const bar = BAR.exec(line);
  return bar
    ? { done: Math.min(Number(bar[1]), 100) / 100, text: line.slice(bar[0].length).trim() }
    : { done: null, text: line.trim() };
}
