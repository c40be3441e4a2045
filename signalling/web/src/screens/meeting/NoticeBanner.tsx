import { CloseButton } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../parts/icons';
import type { MeetingId } from '../../protocol';
import { useLive } from '../../state/LiveContext';
import classes from './Floor.module.css';

const SHOWN_MS = 60_000;

/** A note of the chair for this page's own seat, as a box shows it over its picture. */
export function NoticeBanner({ meeting }: { meeting: MeetingId }) {
  const { t } = useTranslation();
  const live = useLive();
  const [notice, setNotice] = useState<{ from: string; text: string } | null>(null);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const off = live.client.on('notice', (event) => {
      if (event.meeting === meeting) {
        clearTimeout(timer);
        setNotice(event);
        timer = setTimeout(() => setNotice(null), SHOWN_MS);
      }
    });
    return () => {
      off();
      clearTimeout(timer);
    };
  }, [live, meeting]);

  return (
    <div role="status" aria-live="polite">
      {notice && (
        <div className={classes.notice} data-testid="notice">
          <Icon name="message" size={20} />
          <p className={classes.who}>
            <span className={classes.hint}>{t('notes.notice', { from: notice.from })}</span>
            <br />
            {notice.text}
          </p>
          <CloseButton aria-label={t('app.close')} onClick={() => setNotice(null)} />
        </div>
      )}
    </div>
  );
}
