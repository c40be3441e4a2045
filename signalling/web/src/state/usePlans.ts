import { useMemo } from 'react';
import type { Occasion, TemplateEntry } from '../protocol';
import { useAnswer } from './useAnswer';

const CHANGES = ['schedule'] as const;
/** An occasion also shows whether its meeting is open. */
const CHANGES_AND_MEETINGS = ['schedule', 'meeting.closed'] as const;
const NO_FIELDS = {};

/** What the calendar has between two moments; null until it has come. */
export function useOccasions(fromMs: number, toMs: number): Occasion[] | null {
  const fields = useMemo(() => ({ from_ms: fromMs, to_ms: toMs }), [fromMs, toMs]);
  return useAnswer('schedule.list', fields, CHANGES_AND_MEETINGS).answer?.meetings ?? null;
}

/** The templates by name; null until they have come. */
export function useTemplates(): TemplateEntry[] | null {
  const { answer } = useAnswer('template.list', NO_FIELDS, CHANGES);
  return useMemo(
    () => answer && [...answer.templates].sort((a, b) => a.name.localeCompare(b.name, 'vi')),
    [answer],
  );
}
