import { LIGHTS, type Exam, type Light, type Readiness, type Site } from '../protocol';

/** One line of the board: a site, and what is known of it. */
export interface BoardRow {
  site: Site;
  exam: Exam;
}

const unknown = (site: string): Exam => ({
  site,
  state: 'none',
  light: 'untested',
  reason: null,
  at_ms: null,
  simulated: false,
  checks: null,
});

export const NO_READINESS: Readiness = {
  run: { running: false, left: 0, begun_ms: null, by: null },
  sites: [],
};

/** Later news in place of what was known. */
export function withNews(known: Readiness, news: Readiness): Readiness {
  const sites = new Map(known.sites.map((exam) => [exam.site, exam]));
  news.sites.forEach((exam) => sites.set(exam.site, exam));
  return { run: news.run, sites: [...sites.values()] };
}

/** Every site of the directory has a row, in its order. */
export function boardOf(sites: readonly Site[], readiness: Readiness): BoardRow[] {
  const exams = new Map(readiness.sites.map((exam) => [exam.site, exam]));
  return sites.map((site) => ({ site, exam: exams.get(site.code) ?? unknown(site.code) }));
}

/** Worst first; among equals in the order they had. */
export function worstRowsFirst(rows: readonly BoardRow[]): BoardRow[] {
  const rank = ({ exam }: BoardRow): number => LIGHTS.indexOf(exam.light);
  return [...rows].sort((a, b) => rank(a) - rank(b));
}

export function countLights(rows: readonly BoardRow[]): Record<Light, number> {
  const counts = { bad: 0, fair: 0, untested: 0, good: 0 };
  rows.forEach(({ exam }) => (counts[exam.light] += 1));
  return counts;
}
