import { Button, Loader } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MeetingId, User } from '../../protocol';
import { useConnection } from '../../state/useConnection';
import { useMeeting } from '../../state/useMeetings';
import classes from './Meeting.module.css';
import { MeetingRoom } from './MeetingRoom';

/** How long a meeting that was just opened may take to be announced. */
const PATIENCE_MS = 3_000;

/** One meeting by its id: the room while it is open, and a word when it is not. */
export function Meeting({ id, user }: { id: MeetingId; user: User }) {
  const { t } = useTranslation();
  const meeting = useMeeting(id);
  const { ready } = useConnection();
  const [wasOpen, setWasOpen] = useState(false);
  const [isLate, setLate] = useState(false);

  useEffect(() => {
    if (meeting) {
      setWasOpen(true);
    }
  }, [meeting]);

  useEffect(() => {
    const timer = setTimeout(() => setLate(ready), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [ready]);

  if (meeting) {
    return <MeetingRoom meeting={meeting} user={user} />;
  }
  const isGone = wasOpen || isLate;
  return (
    <main id="main" className={classes.notice} role="status">
      {isGone ? (
        <>
          <p>{wasOpen ? t('meeting.ended') : t('meeting.unknown')}</p>
          <Button component="a" href="#/">
            {t('meeting.back')}
          </Button>
        </>
      ) : (
        <>
          <Loader />
          <p>{t('app.loading')}</p>
        </>
      )}
    </main>
  );
}
