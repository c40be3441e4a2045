import { ActionIcon } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { formatDay, formatTime } from '../../i18n/format';
import { Icon } from '../../parts/icons';
import { OpenOccasion } from '../../parts/OpenOccasion';
import type { Occasion } from '../../protocol';
import { startOfDay } from '../../state/calendar';
import { useNow } from '../../state/useNow';
import classes from './Calendar.module.css';

const MINUTE_MS = 60_000;

export interface WeekProps {
  days: readonly number[];
  occasions: readonly Occasion[];
  mayPlan: boolean;
}

export function Week({ days, occasions, mayPlan }: WeekProps) {
  const { t } = useTranslation();
  const today = startOfDay(useNow(MINUTE_MS));
  return (
    <ul className={classes.week} data-testid="calendar-week">
      {days.map((day) => {
        const those = occasions.filter(({ start_ms }) => startOfDay(start_ms) === day);
        return (
          <li key={day} className={classes.day} data-today={day === today}>
            <h2 className={classes.dayName}>{formatDay(day)}</h2>
            {those.length === 0 ? (
              <p className={classes.nothing}>{t('calendar.nothing')}</p>
            ) : (
              <ul className={classes.list}>
                {those.map((occasion) => (
                  <Row key={`${occasion.schedule} ${occasion.start_ms}`} occasion={occasion} mayPlan={mayPlan} />
                ))}
              </ul>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function Row({ occasion, mayPlan }: { occasion: Occasion; mayPlan: boolean }) {
  const { t } = useTranslation();
  const { schedule, title, start_ms, minutes, sites, weekly, auto_open } = occasion;
  const more = [
    t('calendar.sites', { count: sites }),
    ...(weekly ? [t('calendar.weekly')] : []),
    ...(auto_open ? [t('calendar.autoOpen')] : []),
  ];
  return (
    <li className={classes.row} data-testid={`occasion-${schedule}`}>
      <span className={classes.time}>
        {formatTime(start_ms)}–{formatTime(start_ms + minutes * MINUTE_MS)}
      </span>
      <span className={classes.what}>
        <span className={classes.name}>{title}</span>
        <span className={classes.more}>{more.join(', ')}</span>
      </span>
      <OpenOccasion occasion={occasion} mayOpen={mayPlan} />
      <ActionIcon
        component="a"
        href={`#/readiness?schedule=${schedule}`}
        variant="subtle"
        size="lg"
        aria-label={t('readiness.ofMeeting', { title })}
        title={t('readiness.ofMeeting', { title })}
        data-testid={`occasion-check-${schedule}`}
      >
        <Icon name="check" />
      </ActionIcon>
      <ActionIcon
        component="a"
        href={`#/invitations?schedule=${schedule}`}
        variant="subtle"
        size="lg"
        aria-label={t('invitation.ofMeeting', { title })}
        title={t('invitation.ofMeeting', { title })}
        data-testid={`occasion-invite-${schedule}`}
      >
        <Icon name="letter" />
      </ActionIcon>
      {mayPlan && (
        <ActionIcon
          component="a"
          href={`#/plan?kind=schedule&id=${schedule}`}
          variant="subtle"
          size="lg"
          aria-label={t('calendar.edit', { title })}
          title={t('calendar.edit', { title })}
          data-testid={`occasion-edit-${schedule}`}
        >
          <Icon name="edit" />
        </ActionIcon>
      )}
    </li>
  );
}
