import { ActionIcon, Button, Modal } from '@mantine/core';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { language } from '../../i18n';
import { formatDuration, formatMoment } from '../../i18n/format';
import { Icon } from '../../parts/icons';
import { StateMark } from '../../parts/StateMark';
import { useToasts } from '../../parts/Toaster';
import type { Recording } from '../../protocol';
import { useLive } from '../../state/LiveContext';
import { downloadUrl, formatBytes } from '../../state/recordings';
import classes from './Recordings.module.css';

/** A gap that somebody would notice. */
const GAP_MS = 1_000;

export function RecordingRow({ recording, onPlay }: { recording: Recording; onPlay: () => void }) {
  const { t } = useTranslation();
  const isDone = recording.state === 'done';
  const isEnded = isDone || recording.state === 'failed';
  const title = recording.title;
  return (
    <li className={classes.row} data-testid={`recording-${recording.id}`}>
      <div className={classes.text}>
        <p className={classes.rowTitle}>{title}</p>
        <p className={classes.hint}>{describe(recording, t)}</p>
      </div>
      {!isDone && <State recording={recording} />}
      {isDone && (
        <Button
          variant="light"
          leftSection={<Icon name="play" size={16} />}
          onClick={onPlay}
          aria-label={t('recordings.playTitle', { title })}
          data-testid="play"
        >
          {t('recordings.play')}
        </Button>
      )}
      {isDone && (
        <Button
          component="a"
          href={downloadUrl(recording.id)}
          variant="default"
          leftSection={<Icon name="download" size={16} />}
          aria-label={t('recordings.downloadTitle', { title })}
          data-testid="download"
        >
          {t('recordings.download')}
        </Button>
      )}
      {isEnded && <Delete recording={recording} />}
    </li>
  );
}

function describe(recording: Recording, t: TFunction): string {
  const parts = [formatMoment(recording.started_ms), t('recordings.by', { name: recording.by })];
  if (recording.state === 'done') {
    const locale = language() === 'vi' ? 'vi-VN' : 'en-GB';
    parts.push(formatDuration(recording.duration_ms), formatBytes(recording.bytes, locale));
  }
  if (recording.gap_ms >= GAP_MS) {
    parts.push(t('recordings.gap', { time: formatDuration(recording.gap_ms) }));
  }
  if (recording.reason === 'restart') {
    parts.push(t('recordings.restart'));
  }
  return parts.join(' · ');
}

function State({ recording }: { recording: Recording }) {
  const { t } = useTranslation();
  const { state, alarm } = recording;
  if (state === 'recording' && alarm) {
    return <StateMark tone="bad" icon="missing" text={t(`recordings.alarm.${alarm}`)} />;
  }
  return (
    <StateMark
      tone={state === 'failed' ? 'bad' : state === 'recording' ? 'online' : 'wait'}
      icon={state === 'failed' ? 'missing' : state === 'recording' ? 'record' : 'connecting'}
      text={t(state === 'failed' ? 'recordings.failed' : state === 'recording' ? 'recordings.on' : 'recordings.finishing')}
    />
  );
}

function Delete({ recording }: { recording: Recording }) {
  const { t } = useTranslation();
  const live = useLive();
  const { attempt } = useToasts();
  const [isAsking, setAsking] = useState(false);
  const { title } = recording;

  const remove = async (): Promise<void> => {
    await attempt(live.client.request('recording.delete', { recording: recording.id }));
    setAsking(false);
  };

  return (
    <>
      <ActionIcon
        variant="subtle"
        color="red"
        size="lg"
        aria-label={t('recordings.deleteTitle', { title })}
        title={t('recordings.delete')}
        onClick={() => setAsking(true)}
        data-testid="delete"
      >
        <Icon name="remove" size={18} />
      </ActionIcon>
      <Modal
        opened={isAsking}
        onClose={() => setAsking(false)}
        title={t('recordings.deleteAsk')}
        lockScroll={false}
        centered
        closeButtonProps={{ 'aria-label': t('app.close') }}
      >
        <p>{t('recordings.deleteText', { title, when: formatMoment(recording.started_ms) })}</p>
        <div className={classes.answers}>
          <Button variant="default" onClick={() => setAsking(false)} data-autofocus>
            {t('app.cancel')}
          </Button>
          <Button color="red" onClick={() => void remove()} data-testid="delete-confirm">
            {t('recordings.delete')}
          </Button>
        </div>
      </Modal>
    </>
  );
}
