import { CloseButton } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { formatMoment } from '../../i18n/format';
import type { Recording } from '../../protocol';
import { fileUrl } from '../../state/recordings';
import classes from './Recordings.module.css';

/** Plays one recording; the browser asks the server for the parts it needs. */
export function Player({ recording, onClose }: { recording: Recording; onClose: () => void }) {
  const { t } = useTranslation();
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    section.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <section ref={section} className={classes.player} aria-label={t('recordings.player', { title: recording.title })}>
      <div className={classes.playerHead}>
        <h2 className={classes.rowTitle}>
          {recording.title}, {formatMoment(recording.started_ms)}
        </h2>
        <CloseButton aria-label={t('app.close')} onClick={onClose} />
      </div>
      <video
        className={classes.video}
        src={fileUrl(recording.id)}
        controls
        autoPlay
        playsInline
        data-testid="recording-video"
      />
    </section>
  );
}
