import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatMoment } from '../../i18n/format';
import { Icon } from '../../parts/icons';
import type { BookingTime, Conflict, Site } from '../../protocol';
import { useLive } from '../../state/LiveContext';
import classes from './Plan.module.css';

const PAUSE_MS = 250;
const SHOWN = 8;
const NONE: Conflict[] = [];

export interface Wanted extends BookingTime {
  schedule: number | null;
  sites: string[];
}

/** The chosen sites that another meeting has at that time, asked a moment after each change. */
export function useConflicts(wanted: Wanted | null): Conflict[] {
  const { client } = useLive();
  const [conflicts, setConflicts] = useState(NONE);
  const question = wanted && Number.isFinite(wanted.start_ms) ? JSON.stringify(wanted) : null;

  useEffect(() => {
    if (question === null) {
      setConflicts(NONE);
      return undefined;
    }
    let isCurrent = true;
    const { start_ms, minutes, weekly, sites, schedule } = JSON.parse(question) as Wanted;
    const fields = { start_ms, minutes, weekly, sites, ...(schedule !== null && { schedule }) };
    const timer = setTimeout(() => {
      client.request('schedule.check', fields).then(
        (reply) => isCurrent && setConflicts(reply.conflicts),
        () => undefined, // the server checks again when it is saved
      );
    }, PAUSE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [client, question]);
  return conflicts;
}

export function Conflicts({ conflicts, sites }: { conflicts: Conflict[]; sites: readonly Site[] }) {
  const { t } = useTranslation();
  const nameOf = (code: string): string => sites.find((site) => site.code === code)?.name ?? code;
  return (
    <div role="alert" data-testid="conflicts">
      {conflicts.length > 0 && (
        <div className={classes.conflicts}>
          <p className={classes.conflictsHead}>
            <Icon name="missing" />
            <span>{t('plan.conflicts', { count: conflicts.length })}</span>
          </p>
          <ul>
            {conflicts.slice(0, SHOWN).map((conflict) => (
              <li key={`${conflict.site} ${conflict.schedule}`}>
                {t('plan.conflict', {
                  site: nameOf(conflict.site),
                  title: conflict.title,
                  when: formatMoment(conflict.start_ms),
                })}
              </li>
            ))}
          </ul>
          {conflicts.length > SHOWN && <p>{t('plan.more', { count: conflicts.length - SHOWN })}</p>}
        </div>
      )}
    </div>
  );
}
