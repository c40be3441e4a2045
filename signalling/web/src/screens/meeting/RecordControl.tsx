import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { chime } from '../../media/chime';
import { Icon } from '../../parts/icons';
import { useToasts } from '../../parts/Toaster';
import { ProtocolError, type Meeting, type Recording } from '../../protocol';
import { useLive } from '../../state/LiveContext';
import { useElapsed } from '../../state/useElapsed';
import classes from './RecordControl.module.css';

/** The lamp that everybody sees, and the button of those who lead. */
export function RecordControl({ meeting, mayLead }: { meeting: Meeting; mayLead: boolean }) {
  const [recording] = meeting.recordings;
  useRecordingNotice(meeting.recording);
  return (
    <>
      {recording && <Lamp recording={recording} />}
      {mayLead && <RecordButton meeting={meeting} recording={recording} />}
    </>
  );
}

/** Red while bytes reach the disk; with a sign and the reason when they do not. */
function Lamp({ recording }: { recording: Recording }) {
  const { t } = useTranslation();
  const time = useElapsed(recording.started_ms);
  const { alarm } = recording;
  return (
    <span
      className={classes.lamp}
      data-alarm={alarm !== null}
      data-testid="recording-lamp"
      role={alarm ? 'alert' : 'status'}
      title={t(alarm ? `recordings.alarmLong.${alarm}` : 'recordings.notice')}
    >
      {alarm ? <Icon name="missing" size={16} /> : <span className={classes.dot} />}
      <span>{alarm ? t(`recordings.alarm.${alarm}`) : t('recordings.on')}</span>
      <span className={classes.time} aria-hidden="true">
        {time}
      </span>
    </span>
  );
}

function RecordButton({ meeting, recording }: { meeting: Meeting; recording: Recording | undefined }) {
  const { t } = useTranslation();
  const live = useLive();
  const { notify, attempt } = useToasts();
  const [isBusy, setBusy] = useState(false);

  const start = (): Promise<unknown> =>
    live.client.request('recording.start', { meeting: meeting.id }).catch((error: unknown) => {
      if (!(error instanceof ProtocolError && error.code === 'limit')) {
        throw error;
      }
      notify({ text: t('recordings.noRoom'), tone: 'bad' });
    });

  const toggle = async (): Promise<void> => {
    setBusy(true);
    await attempt(
      recording ? live.client.request('recording.stop', { recording: recording.id }) : start(),
    );
    setBusy(false);
  };

  return (
    <Button
      variant="default"
      size="compact-md"
      loading={isBusy}
      leftSection={<Icon name={recording ? 'stop' : 'record'} size={18} />}
      onClick={() => void toggle()}
      data-testid="record"
    >
      {t(recording ? 'recordings.stop' : 'recordings.start')}
    </Button>
  );
}

/** Says it in words and with a sound when recording begins or ends, and to whoever comes in while it is on. */
function useRecordingNotice(isOn: boolean): void {
  const { t } = useTranslation();
  const { notify } = useToasts();
  const wasOn = useRef(false);
  useEffect(() => {
    if (isOn !== wasOn.current) {
      wasOn.current = isOn;
      notify({ text: t(isOn ? 'recordings.notice' : 'recordings.noticeEnd') });
      chime(isOn);
    }
  }, [isOn, notify, t]);
}
