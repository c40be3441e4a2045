import { useTranslation } from 'react-i18next';
import { formatTime } from '../../i18n/format';
import { OpenOccasion } from '../../parts/OpenOccasion';
import type { Occasion } from '../../protocol';
import { addDays, startOfDay } from '../../state/calendar';
import { useNow } from '../../state/useNow';
import { useOccasions } from '../../state/usePlans';
import classes from './Home.module.css';

const MINUTE_MS = 60_000;

/** What the calendar has for today, and the press that opens it. */
export function Today({ mayOpen }: { mayOpen: boolean }) {
  const { t } = useTranslation();
  const today = startOfDay(useNow(MINUTE_MS / 4));
  const occasions = useOccasions(today, addDays(today, 1));
  if (!occasions || occasions.length === 0) {
    return null;
  }
  return (
    <section className={classes.panel} aria-labelledby="today" data-testid="today">
      <h2 id="today" className={classes.panelTitle}>
        {t('calendar.today')}
      </h2>
      <ul className={classes.meetings}>
        {occasions.map((occasion) => (
          <TodayItem key={`${occasion.schedule} ${occasion.start_ms}`} occasion={occasion} mayOpen={mayOpen} />
        ))}
      </ul>
    </section>
  );
}

function TodayItem({ occasion, mayOpen }: { occasion: Occasion; mayOpen: boolean }) {
  const { t } = useTranslation();
  const { title, start_ms, minutes, sites } = occasion;
  const end = formatTime(start_ms + minutes * MINUTE_MS);
  return (
    <li className={classes.meeting}>
      <div className={classes.meetingText}>
        <p className={classes.meetingTitle}>{title}</p>
        <p className={classes.hint}>
          {formatTime(start_ms)}–{end}, {t('calendar.sites', { count: sites })}
        </p>
      </div>
      <OpenOccasion occasion={occasion} mayOpen={mayOpen} />
    </li>
  );
}
