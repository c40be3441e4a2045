import { ActionIcon, Button, Modal } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../parts/icons';
import { StateMark } from '../../parts/StateMark';
import { useToasts } from '../../parts/Toaster';
import type { Meeting } from '../../protocol';
import { useLive } from '../../state/LiveContext';
import { joinedCount } from '../../state/seats';
import { useElapsed } from '../../state/useElapsed';
import { go } from '../../state/useRoute';
import { Attendees } from './Attendees';
import classes from './Meeting.module.css';
import { RecordControl } from './RecordControl';
import { SaveTemplate } from './SaveTemplate';

/** Title, how many are in, how long, and the button that ends it all. */
export function MeetingHead({ meeting, mayLead }: { meeting: Meeting; mayLead: boolean }) {
  const { t } = useTranslation();
  const count = joinedCount(meeting.seats);
  return (
    <div className={classes.head}>
      <ActionIcon
        component="a"
        href="#/"
        variant="subtle"
        size="lg"
        aria-label={t('meeting.back')}
        title={t('meeting.back')}
      >
        <Icon name="back" size={20} />
      </ActionIcon>
      <h1 className={classes.title}>{meeting.title}</h1>
      <p
        className={classes.joined}
        data-complete={count.joined === count.total}
        data-testid="joined-count"
        role="status"
        aria-live="polite"
        title={t('meeting.joinedLong', count)}
      >
        {t('meeting.joined', count)}
      </p>
      {meeting.mixer !== 'up' && (
        <StateMark
          tone="wait"
          icon="connecting"
          text={t(meeting.mixer === 'down' ? 'meeting.mixerDown' : 'meeting.mixerStarting')}
        />
      )}
      <span className={classes.space} />
      <RecordControl meeting={meeting} mayLead={mayLead} />
      <Elapsed sinceMs={meeting.opened_ms} />
      <Attendees meeting={meeting} />
      {mayLead && <SaveTemplate meeting={meeting} />}
      {mayLead && <CloseMeeting meeting={meeting} />}
    </div>
  );
}

function Elapsed({ sinceMs }: { sinceMs: number }) {
  const { t } = useTranslation();
  const time = useElapsed(sinceMs);
  return (
    <span className={classes.elapsed} title={t('meeting.elapsed', { time })}>
      {time}
    </span>
  );
}

function CloseMeeting({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation();
  const live = useLive();
  const { attempt } = useToasts();
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);

  const close = async (): Promise<void> => {
    setBusy(true);
    const done = await attempt(live.client.request('meeting.close', { meeting: meeting.id }));
    setBusy(false);
    setAsking(false);
    if (done) {
      go('/');
    }
  };

  return (
    <>
      <Button
        color="red"
        variant="light"
        size="compact-lg"
        className={classes.end}
        leftSection={<Icon name="end" />}
        onClick={() => setAsking(true)}
        data-testid="close-meeting"
      >
        {t('meeting.close')}
      </Button>
      <Modal
        opened={isAsking}
        onClose={() => setAsking(false)}
        title={t('meeting.closeTitle')}
        lockScroll={false}
        centered
        closeButtonProps={{ 'aria-label': t('app.close') }}
      >
        <p className={classes.question}>{t('meeting.closeText', { title: meeting.title })}</p>
        <div className={classes.answers}>
          <Button variant="default" onClick={() => setAsking(false)} data-autofocus>
            {t('app.cancel')}
          </Button>
          <Button color="red" loading={isBusy} onClick={() => void close()} data-testid="close-confirm">
            {t('meeting.closeConfirm')}
          </Button>
        </div>
      </Modal>
    </>
  );
}
