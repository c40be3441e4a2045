import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { formatMoment } from '../../i18n/format';
import type { Meeting } from '../../protocol';
import { joinedCount } from '../../state/seats';
import { useMeetings } from '../../state/useMeetings';
import classes from './Home.module.css';

export function OpenMeetings() {
  const { t } = useTranslation();
  const meetings = useMeetings();
  return (
    <section className={classes.panel} aria-labelledby="open-meetings">
      <h2 id="open-meetings" className={classes.panelTitle}>
        {t('home.meetings')}
      </h2>
      {meetings.length === 0 ? (
        <p className={classes.hint}>{t('home.noMeetings')}</p>
      ) : (
        <ul className={classes.meetings}>
          {meetings.map((meeting) => (
            <MeetingItem key={meeting.id} meeting={meeting} />
          ))}
        </ul>
      )}
    </section>
  );
}

function MeetingItem({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation();
  return (
    <li className={classes.meeting} data-testid={`meeting-${meeting.id}`}>
      <div className={classes.meetingText}>
        <p className={classes.meetingTitle}>{meeting.title}</p>
        <p className={classes.hint}>
          {t('meeting.joined', joinedCount(meeting.seats))},{' '}
          {t('home.since', { when: formatMoment(meeting.opened_ms) })}
        </p>
      </div>
      <Button
        component="a"
        href={`#/meeting/${meeting.id}`}
        variant="light"
        aria-label={t('home.enterMeeting', { title: meeting.title })}
      >
        {t('home.enter')}
      </Button>
    </li>
  );
}
