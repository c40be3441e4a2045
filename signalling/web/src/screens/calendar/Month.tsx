import { useTranslation } from 'react-i18next';
import { formatDay, formatTime, formatWeekday } from '../../i18n/format';
import type { Occasion } from '../../protocol';
import { startOfDay, startOfMonth } from '../../state/calendar';
import { useNow } from '../../state/useNow';
import classes from './Calendar.module.css';

const MINUTE_MS = 60_000;
const SHOWN = 4;

export interface MonthProps {
  days: readonly number[];
  /** A moment of the month that is shown; the days around it are pale. */
  month: number;
  occasions: readonly Occasion[];
  onDay: (day: number) => void;
}

export function Month({ days, month, occasions, onDay }: MonthProps) {
  const today = startOfDay(useNow(MINUTE_MS));
  return (
    <div className={classes.month} data-testid="calendar-month">
      {days.slice(0, 7).map((day) => (
        <span key={day} className={classes.weekday} aria-hidden="true">
          {formatWeekday(day)}
        </span>
      ))}
      {days.map((day) => (
        <Day
          key={day}
          day={day}
          isPale={startOfMonth(day) !== startOfMonth(month)}
          isToday={day === today}
          occasions={occasions.filter(({ start_ms }) => startOfDay(start_ms) === day)}
          onChoose={() => onDay(day)}
        />
      ))}
    </div>
  );
}

interface DayProps {
  day: number;
  isPale: boolean;
  isToday: boolean;
  occasions: readonly Occasion[];
  onChoose: () => void;
}

/** A press shows its week. */
function Day({ day, isPale, isToday, occasions, onChoose }: DayProps) {
  const { t } = useTranslation();
  const label = `${formatDay(day)}: ${t('calendar.meetings', { count: occasions.length })}`;
  return (
    <button type="button" className={classes.cell} data-pale={isPale} data-today={isToday} aria-label={label} onClick={onChoose}>
      <span className={classes.number}>{new Date(day).getDate()}</span>
      {occasions.slice(0, SHOWN).map(({ schedule, start_ms, title }) => (
        <span key={`${schedule} ${start_ms}`} className={classes.entry}>
          {formatTime(start_ms)} {title}
        </span>
      ))}
      {occasions.length > SHOWN && <span className={classes.more}>{t('plan.more', { count: occasions.length - SHOWN })}</span>}
    </button>
  );
}
