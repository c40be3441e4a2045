import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { formatMoment } from '../../i18n/format';
import { PARTS } from '../../protocol';
import { toInputs } from '../../state/calendar';
import { saveText, toCsv } from '../../state/csv';
import type { BoardRow } from '../../state/readiness';
import { useWords } from './useWords';

/** Saves the board as it is shown, for a spreadsheet. */
export function useExport(): (rows: readonly BoardRow[]) => void {
  const { t } = useTranslation();
  const { ofPart, ofExam } = useWords();

  return useCallback(
    (rows) => {
      const head = [
        t('readiness.code'),
        t('readiness.site'),
        t('readiness.result'),
        t('readiness.why'),
        ...PARTS.map((part) => t(`readiness.part.${part}`)),
        t('readiness.at'),
      ];
      const lines = rows.map(({ site, exam }) => [
        site.code,
        site.name,
        t(`readiness.light.${exam.light}`),
        ofExam(exam),
        ...PARTS.map((part) => (exam.checks ? ofPart(part, exam.checks[part]) : '')),
        exam.at_ms === null ? '' : formatMoment(exam.at_ms),
      ]);
      const { date, time } = toInputs(Date.now());
      saveText(`kiem-tra-${date}-${time.replace(':', '')}.csv`, 'text/csv;charset=utf-8', toCsv([head, ...lines]));
    },
    [t, ofPart, ofExam],
  );
}
