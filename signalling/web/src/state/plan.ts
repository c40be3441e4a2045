import type { Plan } from '../protocol';

export const TITLE_BYTES_MAX = 200;
export const AGENDA_ITEMS_MAX = 50;
const AGENDA_ITEM_BYTES_MAX = 300;

export const EMPTY_PLAN: Plan = {
  title: '',
  sites: [],
  chair: null,
  layout: null,
  preset: null,
  rotate_s: null,
  speaking_limit_s: null,
  record: false,
  agenda: [],
};

export const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

export const tidy = (text: string): string => text.trim().normalize('NFC');

export function titleProblem(title: string): 'home.titleEmpty' | 'home.titleLong' | null {
  const bytes = bytesOf(tidy(title));
  if (bytes === 0) {
    return 'home.titleEmpty';
  }
  return bytes > TITLE_BYTES_MAX ? 'home.titleLong' : null;
}

/** One item a line; empty lines are left out. */
export function agendaOf(text: string): string[] {
  return text.split('\n').map(tidy).filter((line) => line !== '');
}

export function isAgendaGood(agenda: readonly string[]): boolean {
  return agenda.length <= AGENDA_ITEMS_MAX && agenda.every((item) => bytesOf(item) <= AGENDA_ITEM_BYTES_MAX);
}

/** The plan with these sites, in the order of the directory; a chair that is not among them is nobody. */
export function withSites(plan: Plan, sites: string[]): Plan {
  return { ...plan, sites, chair: plan.chair !== null && sites.includes(plan.chair) ? plan.chair : null };
}
